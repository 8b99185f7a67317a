import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph } from "./layout.ts";

/** Tells a member what was changed in how their account is protected, so that a thief's change is noticed. */
export const securityChange = defineTemplate({
  description:
    "Tells a member of a change in how their account is protected: second factor, recovery codes, API keys, passkeys",
  variables: { firstName: line, change: line, changedAt: line, resetUrl: link },
  required: ["change", "resetUrl"],
  sample: {
    firstName: "Ada",
    change: "The second factor was turned off",
    changedAt: "1 October 2026 at 12:00 UTC",
    resetUrl: "https://souk.example/reset-password",
  },
  subject: "{{change}}",
  html: layout(
    "{{change}}",
    paragraph("Hello {{firstName}},") +
      paragraph("{{change}} on your Souk account on {{changedAt}}. If it was you, all is well.") +
      paragraph(
        "If it was not you, set a new password at once, which ends every session that is open, and revoke the API keys that you do not know:",
      ) +
      button("Set a new password", "resetUrl"),
    "You get this mail because the security of your Souk account was changed.",
  ),
  text: `{{change}}

Hello {{firstName}},

{{change}} on your Souk account on {{changedAt}}. If it was you, all is well.

If it was not you, set a new password at once, which ends every session that is open, and revoke the API keys that you do not know:

{{resetUrl}}

You get this mail because the security of your Souk account was changed.
`,
});
