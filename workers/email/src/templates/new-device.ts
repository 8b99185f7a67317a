import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph } from "./layout.ts";

/** Tells a member of a log-in on a new device, so that a thief's is noticed. */
export const newDevice = defineTemplate({
  description: "Tells a member of a log-in on a device that they had not used before",
  variables: { firstName: line, device: line, openedAt: line, resetUrl: link },
  required: ["resetUrl"],
  sample: {
    firstName: "Ada",
    device: "Firefox on Linux",
    openedAt: "1 October 2026 at 12:00 UTC",
    resetUrl: "https://souk.example/reset-password",
  },
  subject: "A log-in on a new device",
  html: layout(
    "A log-in on a new device",
    paragraph("Hello {{firstName}},") +
      paragraph(
        "Somebody logged in to your Souk account on {{openedAt}} with {{device}}, which had not been used from there before. If it was you, all is well.",
      ) +
      paragraph("If it was not you, set a new password at once. It ends every session that is open:") +
      button("Set a new password", "resetUrl"),
    "You get this mail because your Souk account was used on a new device.",
  ),
  text: `A log-in on a new device

Hello {{firstName}},

Somebody logged in to your Souk account on {{openedAt}} with {{device}}, which had not been used from there before. If it was you, all is well.

If it was not you, set a new password at once. It ends every session that is open:

{{resetUrl}}

You get this mail because your Souk account was used on a new device.
`,
});
