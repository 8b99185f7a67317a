import { prices, type Unit } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Env, Pair } from "../env.ts";
import { STALE_MS } from "../judge-quotes.ts";
import { assertPriced } from "../known-pair.ts";
import { priceCache, type Amounts, type CurrentPrice } from "../price-cache.ts";
import type { CurrentPriceQuery, Price } from "../schemas.ts";
import { priceIn } from "../weight.ts";

const keyOf = ({ metal, currency }: Pair): string => `${metal}/${currency}`;

async function load({ db, now }: Context<Env>, pair: Pair): Promise<CurrentPrice> {
  const { price, bid, ask, change, sources, quotedAt, fetchedAt } = prices;
  const readAt = now();
  const [row] = await db
    .select({ price, bid, ask, change, sources, quotedAt, fetchedAt })
    .from(prices)
    .where(and(eq(prices.metal, pair.metal), eq(prices.currency, pair.currency)));
  if (row === undefined)
    throw new AppError("not_found", `No price of ${pair.metal} in ${pair.currency} is known yet.`);
  const current = { ...pair, ...row, readAt, converted: new Map() };
  priceCache.set(keyOf(pair), current, now());
  return current;
}

function amountsIn(current: CurrentPrice, unit: Unit, karat: number): Amounts {
  const key = `${unit}/${karat}`;
  const known = current.converted.get(key);
  if (known !== undefined) return known;
  const shown = (amount: string | null) => (amount === null ? null : priceIn(amount, unit, karat));
  const amounts = {
    price: priceIn(current.price, unit, karat),
    bid: shown(current.bid),
    ask: shown(current.ask),
    change: shown(current.change),
  };
  current.converted.set(key, amounts);
  return amounts;
}

/**
 * The current price, per the unit and karat asked for. Up to a minute old; a read costs no round trip, but for the first in 30 s.
 * @param newerThan a price that was read from the database before this time will not do, in milliseconds since 1970
 * @throws AppError validation_failed, not_found (nothing polled yet)
 */
export async function readCurrentPrice(
  context: Context<Env>,
  query: z.output<typeof CurrentPriceQuery>,
  newerThan = Number.NEGATIVE_INFINITY,
): Promise<z.infer<typeof Price>> {
  const { unit, karat, ...pair } = query;
  assertPriced(context.env, pair, karat);
  const kept = priceCache.get(keyOf(pair), context.now());
  const current = kept && kept.readAt.getTime() > newerThan ? kept : await load(context, pair);
  return {
    ...query,
    ...amountsIn(current, unit, karat),
    sources: current.sources,
    quotedAt: current.quotedAt.toISOString(),
    fetchedAt: current.fetchedAt.toISOString(),
    isStale: context.now().getTime() - current.quotedAt.getTime() > STALE_MS,
  };
}
