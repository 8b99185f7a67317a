import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph, remark, table } from "./layout.ts";

/** Carries the code and the link by which a member signs in where they asked for it. */
export const signIn = defineTemplate({
  description: "Carries the code and the link to sign in",
  variables: { firstName: line, url: link, code: line },
  required: ["url", "code"],
  sample: { firstName: "Ada", url: "https://souk.example/sign-in#token=sample", code: "01234567" },
  subject: "Sign in to Souk",
  html: layout(
    "Sign in to Souk",
    paragraph("Hello {{firstName}},") +
      paragraph("Type this code where you asked to sign in:") +
      table([["Code", "{{code}}"]]) +
      paragraph("Or open this link on the same device:") +
      button("Sign in", "url") +
      remark(
        "Both work once, within ten minutes, and only where you asked. Tell the code to nobody: we never ask for it. If you did not ask to sign in, do nothing.",
      ),
    "You get this mail because a sign-in to your Souk account was asked for.",
  ),
  text: `Sign in to Souk

Hello {{firstName}},

Type this code where you asked to sign in:

{{code}}

Or open this link on the same device:

{{url}}

Both work once, within ten minutes, and only where you asked. Tell the code to nobody: we never ask for it. If you did not ask to sign in, do nothing.

You get this mail because a sign-in to your Souk account was asked for.
`,
});
