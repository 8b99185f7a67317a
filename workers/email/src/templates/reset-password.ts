import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph, remark } from "./layout.ts";

/** Carries the one-time link by which a member sets a new password. */
export const resetPassword = defineTemplate({
  description: "Carries the link to set a new password",
  variables: { firstName: line, url: link },
  required: ["url"],
  sample: { firstName: "Ada", url: "https://souk.example/reset-password#token=sample" },
  subject: "Set a new password",
  html: layout(
    "Set a new password",
    paragraph("Hello {{firstName}},") +
      paragraph("You asked for a new password for your Souk account. Choose it here:") +
      button("Choose a new password", "url") +
      remark(
        "The link works once, within one hour. If you did not ask for it, do nothing: your password stays as it is.",
      ),
    "You get this mail because a new password was asked for your Souk account.",
  ),
  text: `Set a new password

Hello {{firstName}},

You asked for a new password for your Souk account. Choose it here:

{{url}}

The link works once, within one hour. If you did not ask for it, do nothing: your password stays as it is.

You get this mail because a new password was asked for your Souk account.
`,
});
