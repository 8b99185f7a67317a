import { defineTemplate, link } from "./define-template.ts";
import { button, layout, paragraph } from "./layout.ts";

/** Asks a new address to confirm a change. Nobody has confirmed it: it shows no word of whoever typed it. */
export const joinEmail = defineTemplate({
  description: "Asks the new address to confirm a change of address",
  variables: { url: link },
  required: ["url"],
  sample: { url: "https://souk.example/confirm-email-change#token=sample" },
  subject: "Confirm your new address",
  html: layout(
    "Confirm your new address",
    paragraph(
      "Someone, we think you, asked to use this address for their Souk account. It is used when it has been confirmed here and at the present address:",
    ) + button("Confirm this address", "url"),
    "If it was not you, do nothing: this address is not used. The link works for 24 hours.",
  ),
  text: `Confirm your new address

Someone, we think you, asked to use this address for their Souk account. It is used when it has been confirmed here and at the present address:

{{url}}

If it was not you, do nothing: this address is not used. The link works for 24 hours.
`,
});
