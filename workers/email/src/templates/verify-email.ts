import { defineTemplate, link } from "./define-template.ts";
import { button, layout, paragraph, remark } from "./layout.ts";

/** The one mail that goes to an address nobody has confirmed: it shows no word of whoever typed the address. */
export const verifyEmail = defineTemplate({
  description: "Asks a new member to confirm their address",
  variables: { url: link },
  required: ["url"],
  sample: { url: "https://souk.example/verify-email#token=sample" },
  subject: "Confirm your email address",
  html: layout(
    "Confirm your email address",
    paragraph(
      "Someone, we think you, registered at Souk with this address. Confirm that it is yours to open the account.",
    ) +
      button("Confirm my address", "url") +
      remark(
        "The link works once, within 24 hours. If it was not you, do nothing: the account stays closed.",
      ),
    "You get this mail because this address was entered when registering at Souk.",
  ),
  text: `Confirm your email address

Someone, we think you, registered at Souk with this address. Confirm that it is yours to open the account:

{{url}}

The link works once, within 24 hours. If it was not you, do nothing: the account stays closed.

You get this mail because this address was entered when registering at Souk.
`,
});
