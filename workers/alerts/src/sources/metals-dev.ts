import type { METALS } from "@souk/db/schema/alerts";
import { z } from "zod";
import { decimal, metalsByCurrency, type Source } from "./source.ts";

const NAMES = { XAU: "gold", XAG: "silver", XPT: "platinum", XPD: "palladium" } as const satisfies Record<
  (typeof METALS)[number],
  string
>;

const Body = z.object({
  status: z.literal("success"),
  currency: z.string(),
  unit: z.literal("toz"),
  metals: z.record(z.string(), z.number()),
  timestamps: z.object({ metal: z.iso.datetime({ offset: true }).transform((time) => new Date(time)) }),
});

/** metals.dev: one call a currency, prices per troy ounce, no bid or ask. Its times are ISO 8601. */
export const metalsDev: Source = {
  name: "metals-dev",
  region: "global",
  calls: (url, key, pairs) =>
    metalsByCurrency(pairs).map(([currency, metals]) => ({
      url: `${url}/v1/latest?${new URLSearchParams({ api_key: key, currency, unit: "toz" }).toString()}`,
      headers: {},
      read: (body) => {
        const answer = Body.extend({ currency: z.literal(currency) }).parse(body);
        return metals.flatMap((metal) => {
          const price = answer.metals[NAMES[metal]];
          return price === undefined
            ? []
            : [
                {
                  metal,
                  currency,
                  price: decimal(price),
                  bid: null,
                  ask: null,
                  quotedAt: answer.timestamps.metal,
                },
              ];
        });
      },
    })),
};
