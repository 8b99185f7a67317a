import Big from "big.js";
import { z } from "zod";
import { decimal, metalsByCurrency, UnixSeconds, type Source } from "./source.ts";

const Body = z.object({
  success: z.literal(true),
  base: z.string(),
  timestamp: UnixSeconds,
  rates: z.record(z.string(), z.number()),
});

/** The direct price (`USDXAU`) where it is given, else the inverse of ounces per unit of money (`XAU`). */
function priceOf(rates: Record<string, number>, currency: string, metal: string): string | undefined {
  const direct = rates[`${currency}${metal}`];
  if (direct !== undefined) return decimal(direct);
  const ounces = rates[metal];
  return ounces === undefined || ounces === 0 ? undefined : decimal(Big(1).div(ounces));
}

/** metalpriceapi.com: one call a base currency, no bid or ask. Its errors come with status 200 and `success: false`. */
export const metalpriceapi: Source = {
  name: "metalpriceapi",
  region: "global",
  calls: (url, key, pairs) =>
    metalsByCurrency(pairs).map(([currency, metals]) => ({
      url: `${url}/v1/latest?${new URLSearchParams({ api_key: key, base: currency, currencies: metals.join(",") }).toString()}`,
      headers: {},
      read: (body) => {
        const { timestamp, rates } = Body.extend({ base: z.literal(currency) }).parse(body);
        return metals.flatMap((metal) => {
          const price = priceOf(rates, currency, metal);
          return price === undefined
            ? []
            : [{ metal, currency, price, bid: null, ask: null, quotedAt: timestamp }];
        });
      },
    })),
};
