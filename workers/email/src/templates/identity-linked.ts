import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph } from "./layout.ts";

/** Tells a member of a new way to log in, so that a thief's is noticed. */
export const identityLinked = defineTemplate({
  description: "Tells a member that their account can be logged in to with a provider from now on",
  variables: { firstName: line, provider: line, changedAt: line, resetUrl: link },
  required: ["provider"],
  sample: {
    firstName: "Ada",
    provider: "Google",
    changedAt: "1 October 2026 at 12:00 UTC",
    resetUrl: "https://souk.example/reset-password",
  },
  subject: "You can log in with {{provider}} now",
  html: layout(
    "You can log in with {{provider}} now",
    paragraph("Hello {{firstName}},") +
      paragraph(
        "Your {{provider}} account was linked to your Souk account on {{changedAt}}. If it was you, all is well.",
      ) +
      paragraph(
        "If it was not you, set a new password, which ends every session that is open, and unlink {{provider}} in your settings:",
      ) +
      button("Set a new password", "resetUrl"),
    "You get this mail because a way to log in to your Souk account was added.",
  ),
  text: `You can log in with {{provider}} now

Hello {{firstName}},

Your {{provider}} account was linked to your Souk account on {{changedAt}}. If it was you, all is well.

If it was not you, set a new password, which ends every session that is open, and unlink {{provider}} in your settings:

{{resetUrl}}

You get this mail because a way to log in to your Souk account was added.
`,
});
