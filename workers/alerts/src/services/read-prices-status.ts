import { exchanges, priceHistory, prices } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { requireAdmin } from "@souk/kit/route";
import { and, count, isNull, not } from "drizzle-orm";
import type { z } from "zod";
import type { Env } from "../env.ts";
import { STALE_MS } from "../judge-quotes.ts";
import type { PricesStatus } from "../schemas.ts";
import { configuredSources } from "../sources/configured.ts";

/** How the sources and prices do, in one round trip. @throws AppError unauthorized, forbidden */
export async function readPricesStatus(context: Context<Env>): Promise<z.infer<typeof PricesStatus>> {
  requireAdmin(context);
  const { db, env } = context;
  const [polled, current, [pending]] = await db.batch([
    db.select().from(exchanges),
    db.select({ metal: prices.metal, currency: prices.currency, quotedAt: prices.quotedAt }).from(prices),
    db
      .select({ count: count() })
      .from(priceHistory)
      .where(and(isNull(priceHistory.evaluatedAt), not(priceHistory.late))),
  ]);
  const oldest = context.now().getTime() - STALE_MS;
  return {
    sources: configuredSources(env).map(({ source: { name }, everyMinutes }) => {
      const row = polled.find((exchange) => exchange.name === name);
      return {
        name,
        everyMinutes,
        polledAt: row?.polledAt.toISOString() ?? null,
        answeredAt: row?.answeredAt?.toISOString() ?? null,
        failure: row?.failure ?? null,
      };
    }),
    prices: env.PAIRS.map(({ metal, currency }) => {
      const row = current.find((price) => price.metal === metal && price.currency === currency);
      return {
        metal,
        currency,
        quotedAt: row?.quotedAt.toISOString() ?? null,
        isStale: row === undefined || row.quotedAt.getTime() < oldest,
      };
    }),
    unevaluated: pending?.count ?? 0,
  };
}
