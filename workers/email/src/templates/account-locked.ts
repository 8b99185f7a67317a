import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph, remark } from "./layout.ts";

/** Tells a member that log-ins are held back after many wrong ones, with the link that lets them in again. */
export const accountLocked = defineTemplate({
  description: "Tells that an account is locked after many failed log-ins, with the link that unlocks it",
  variables: { firstName: line, url: link, resetUrl: link },
  required: ["url"],
  sample: {
    firstName: "Ada",
    url: "https://souk.example/unlock-account#token=sample",
    resetUrl: "https://souk.example/reset-password",
  },
  subject: "Your account is locked for an hour",
  html: layout(
    "Your account is locked",
    paragraph("Hello {{firstName}},") +
      paragraph(
        "Someone tried many wrong passwords or codes for your Souk account, so we look at no more of them for an hour. Was it you? Then unlock it here:",
      ) +
      button("Unlock my account", "url") +
      remark(
        "The link works once, within one day. If it was not you, your password still holds; choose a stronger one if you are in doubt: {{resetUrl}}",
      ),
    "You get this mail because log-ins to your Souk account failed many times.",
  ),
  text: `Your account is locked

Hello {{firstName}},

Someone tried many wrong passwords or codes for your Souk account, so we look at no more of them for an hour. Was it you? Then unlock it here:

{{url}}

The link works once, within one day. If it was not you, your password still holds; choose a stronger one if you are in doubt: {{resetUrl}}

You get this mail because log-ins to your Souk account failed many times.
`,
});
