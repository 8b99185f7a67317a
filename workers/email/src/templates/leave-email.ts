import { defineTemplate, link } from "./define-template.ts";
import { button, layout, paragraph } from "./layout.ts";

/** Asks the present address of a member to confirm that the account moves to another. */
export const leaveEmail = defineTemplate({
  description: "Asks the present address to confirm a change of address",
  variables: { url: link },
  required: ["url"],
  sample: { url: "https://souk.example/confirm-email-change#token=sample" },
  subject: "Confirm your change of address",
  html: layout(
    "Confirm your change of address",
    paragraph(
      "Someone, we think you, asked to use another address for your Souk account. It changes when you have confirmed it here and at the new address:",
    ) + button("Confirm the change", "url"),
    "If it was not you, do nothing and change your password: the address stays as it is. The link works for 24 hours.",
  ),
  text: `Confirm your change of address

Someone, we think you, asked to use another address for your Souk account. It changes when you have confirmed it here and at the new address:

{{url}}

If it was not you, do nothing and change your password: the address stays as it is. The link works for 24 hours.
`,
});
