import { defineTemplate, line } from "./define-template.ts";
import { layout, paragraph } from "./layout.ts";

/** Greets a member whose address is confirmed. */
export const welcome = defineTemplate({
  description: "Greets a member who has confirmed their address",
  variables: { firstName: line },
  required: [],
  sample: { firstName: "Ada" },
  subject: "Welcome to Souk, {{firstName}}",
  html: layout(
    "Welcome to Souk",
    paragraph("Hello {{firstName}},") +
      paragraph("Your address is confirmed and your account is open.") +
      paragraph(
        "A good start: name a metal and a price, and we write to you the moment the market crosses it.",
      ),
    "You get this mail because you have opened a Souk account.",
  ),
  text: `Welcome to Souk

Hello {{firstName}},

Your address is confirmed and your account is open.

A good start: name a metal and a price, and we write to you the moment the market crosses it.

You get this mail because you have opened a Souk account.
`,
});
