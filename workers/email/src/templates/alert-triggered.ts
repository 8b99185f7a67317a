import { defineTemplate, line, optionalLine } from "./define-template.ts";
import { layout, paragraph, remark, table } from "./layout.ts";

/** Tells a member that a price crossed the threshold of one of their alerts. */
export const alertTriggered = defineTemplate({
  description: "Tells a member that a price crossed the threshold of their alert",
  variables: {
    firstName: line,
    metal: line,
    pair: line,
    direction: line,
    threshold: line,
    price: line,
    unit: line,
    quotedAt: line,
    note: optionalLine,
  },
  required: ["pair", "direction", "threshold", "price", "unit", "quotedAt"],
  sample: {
    firstName: "Ada",
    metal: "Gold",
    pair: "XAU/USD",
    direction: "above",
    threshold: "$4,000.00",
    price: "$4,012.50",
    unit: "troy ounce",
    quotedAt: "1 October 2026 at 12:00 UTC",
    note: "Time to look at the ring",
  },
  subject: "{{metal}} is {{direction}} {{threshold}}: now {{price}}",
  html: layout(
    "{{metal}} is {{direction}} {{threshold}}",
    paragraph("Hello {{firstName}}, your price alert was triggered.") +
      table([
        ["Pair", "{{pair}}"],
        ["Price", "{{price}} per {{unit}}"],
        ["Your threshold", "{{direction}} {{threshold}}"],
        ["Quoted", "{{quotedAt}}"],
      ]) +
      `{{#note}}${paragraph("Your note: {{note}}")}{{/note}}` +
      remark("Prices are a guide and no offer to buy or sell."),
    "You get this mail because you set a price alert at Souk.",
  ),
  text: `{{metal}} is {{direction}} {{threshold}}

Hello {{firstName}}, your price alert was triggered.

Pair: {{pair}}
Price: {{price}} per {{unit}}
Your threshold: {{direction}} {{threshold}}
Quoted: {{quotedAt}}
{{#note}}

Your note: {{note}}
{{/note}}

Prices are a guide and no offer to buy or sell.

You get this mail because you set a price alert at Souk.
`,
});
