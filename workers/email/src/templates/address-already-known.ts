import { defineTemplate, line, link } from "./define-template.ts";
import { button, layout, paragraph, remark } from "./layout.ts";

/** Tells the owner of an account that someone tried to register with its address; the one who tried learns nothing. */
export const addressAlreadyKnown = defineTemplate({
  description: "Tells a member that their address was used to register again",
  variables: { firstName: line, resetUrl: link },
  required: ["resetUrl"],
  sample: { firstName: "Ada", resetUrl: "https://souk.example/reset-password" },
  subject: "You already have a Souk account",
  html: layout(
    "You already have a Souk account",
    paragraph("Hello {{firstName}},") +
      paragraph(
        "Someone, perhaps you, tried to register at Souk with this address. It has an account already, so nothing was changed.",
      ) +
      paragraph("If it was you, log in as usual. If you forgot your password, you can ask for a new one:") +
      button("Get a new password", "resetUrl") +
      remark("If it was not you, there is nothing to do: your account is safe."),
    "You get this mail because your address belongs to a Souk account.",
  ),
  text: `You already have a Souk account

Hello {{firstName}},

Someone, perhaps you, tried to register at Souk with this address. It has an account already, so nothing was changed.

If it was you, log in as usual. If you forgot your password, you can ask for a new one:

{{resetUrl}}

If it was not you, there is nothing to do: your account is safe.

You get this mail because your address belongs to a Souk account.
`,
});
