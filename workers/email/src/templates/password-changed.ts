import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph } from "./layout.ts";

/** Tells a member that their password was changed, so that a thief's change is noticed. */
export const passwordChanged = defineTemplate({
  description: "Tells a member that their password was changed",
  variables: { firstName: line, changedAt: line, resetUrl: link },
  required: ["resetUrl"],
  sample: {
    firstName: "Ada",
    changedAt: "1 October 2026 at 12:00 UTC",
    resetUrl: "https://souk.example/reset-password",
  },
  subject: "Your password was changed",
  html: layout(
    "Your password was changed",
    paragraph("Hello {{firstName}},") +
      paragraph(
        "The password of your Souk account was changed on {{changedAt}}. If it was you, all is well.",
      ) +
      paragraph("If it was not you, set a new password at once. It ends every session that is open:") +
      button("Set a new password", "resetUrl"),
    "You get this mail because the password of your Souk account was changed.",
  ),
  text: `Your password was changed

Hello {{firstName}},

The password of your Souk account was changed on {{changedAt}}. If it was you, all is well.

If it was not you, set a new password at once. It ends every session that is open:

{{resetUrl}}

You get this mail because the password of your Souk account was changed.
`,
});
