import { z } from "zod";
import { decimal, spread, UnixSeconds, type Source } from "./source.ts";

const Body = z.object({
  metal: z.string(),
  currency: z.string(),
  timestamp: UnixSeconds,
  price: z.number(),
  bid: z.number().nullish(),
  ask: z.number().nullish(),
});

/** goldapi.io: one call a pair, prices per troy ounce with bid and ask. */
export const goldapi: Source = {
  name: "goldapi",
  region: "global",
  calls: (url, key, pairs) =>
    pairs.map((pair) => ({
      url: `${url}/api/${pair.metal}/${pair.currency}`,
      headers: { "x-access-token": key },
      read: (body) => {
        const { metal, currency, timestamp, price, bid, ask } = Body.parse(body);
        if (metal !== pair.metal || currency !== pair.currency)
          throw new Error(`Asked for ${pair.metal}/${pair.currency}, got another pair`);
        return [{ ...pair, price: decimal(price), ...spread(bid, ask), quotedAt: timestamp }];
      },
    })),
};
