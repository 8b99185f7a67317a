import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph } from "./layout.ts";

/** Tells a member that a way to log in is gone. */
export const identityUnlinked = defineTemplate({
  description: "Tells a member that their account can no longer be logged in to with a provider",
  variables: { firstName: line, provider: line, changedAt: line, resetUrl: link },
  required: ["provider"],
  sample: {
    firstName: "Ada",
    provider: "Google",
    changedAt: "1 October 2026 at 12:00 UTC",
    resetUrl: "https://souk.example/reset-password",
  },
  subject: "{{provider}} no longer logs you in",
  html: layout(
    "{{provider}} no longer logs you in",
    paragraph("Hello {{firstName}},") +
      paragraph(
        "Your {{provider}} account was unlinked from your Souk account on {{changedAt}}. If it was you, all is well.",
      ) +
      paragraph("If it was not you, set a new password at once. It ends every session that is open:") +
      button("Set a new password", "resetUrl"),
    "You get this mail because a way to log in to your Souk account was taken away.",
  ),
  text: `{{provider}} no longer logs you in

Hello {{firstName}},

Your {{provider}} account was unlinked from your Souk account on {{changedAt}}. If it was you, all is well.

If it was not you, set a new password at once. It ends every session that is open:

{{resetUrl}}

You get this mail because a way to log in to your Souk account was taken away.
`,
});
