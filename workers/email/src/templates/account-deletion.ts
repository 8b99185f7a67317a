import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph } from "./layout.ts";

/** Tells a member when their account is erased, so that a thief's request is noticed in time. */
export const accountDeletion = defineTemplate({
  description: "Tells a member on which day their account is erased",
  variables: { firstName: line, deleteAfter: line, resetUrl: link },
  required: ["deleteAfter", "resetUrl"],
  sample: {
    firstName: "Ada",
    deleteAfter: "15 October 2026 at 12:00 UTC",
    resetUrl: "https://souk.example/reset-password",
  },
  subject: "Your account will be deleted",
  html: layout(
    "Your account will be deleted",
    paragraph("Hello {{firstName}},") +
      paragraph(
        "As you asked, your Souk account and everything in it will be erased after {{deleteAfter}}. Until then nothing is lost: log in, and the account stays.",
      ) +
      paragraph("If it was not you, set a new password and log in before that day:") +
      button("Set a new password", "resetUrl"),
    "You get this mail because the deletion of your Souk account was asked for.",
  ),
  text: `Your account will be deleted

Hello {{firstName}},

As you asked, your Souk account and everything in it will be erased after {{deleteAfter}}. Until then nothing is lost: log in, and the account stays.

If it was not you, set a new password and log in before that day:

{{resetUrl}}

You get this mail because the deletion of your Souk account was asked for.
`,
});
