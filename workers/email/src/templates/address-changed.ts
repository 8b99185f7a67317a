import { defineTemplate, line } from "./define-template.ts";
import { layout, paragraph } from "./layout.ts";

/** Tells the address that a member has left, so that a thief's change is noticed. */
export const addressChanged = defineTemplate({
  description: "Tells the former address that it is no longer that of the account",
  variables: { firstName: line, changedAt: line },
  required: ["changedAt"],
  sample: { firstName: "Ada", changedAt: "1 October 2026 at 12:00 UTC" },
  subject: "Your address was changed",
  html: layout(
    "Your address was changed",
    paragraph("Hello {{firstName}},") +
      paragraph(
        "The address of your Souk account was changed on {{changedAt}}, after a link that we mailed here was followed. From now on we write to the new one.",
      ),
    "You get this mail because this was the address of a Souk account.",
  ),
  text: `Your address was changed

Hello {{firstName}},

The address of your Souk account was changed on {{changedAt}}, after a link that we mailed here was followed. From now on we write to the new one.

You get this mail because this was the address of a Souk account.
`,
});
