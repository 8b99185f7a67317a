import { exchanges, prices } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env, Pair } from "../env.ts";
import type { LastPrice } from "../judge-quotes.ts";
import { configuredSources, type ConfiguredSource } from "../sources/configured.ts";

export interface ClaimedSource extends ConfiguredSource {
  exchangeId: string;
}

/**
 * Takes the sources whose interval is over; of parallel runs one gets them. Reads the last prices in the same round trip.
 * A source that fails is not asked again before its next interval: free plans allow few calls.
 */
export async function claimSources(
  context: Context<Env>,
  bucket: Date,
): Promise<{ due: ClaimedSource[]; last: (pair: Pair) => LastPrice | null }> {
  const { db, env } = context;
  const configured = configuredSources(env);
  const known = db
    .select({
      metal: prices.metal,
      currency: prices.currency,
      price: prices.price,
      quotedAt: prices.quotedAt,
    })
    .from(prices);
  const lastOf = (rows: Awaited<typeof known>) => (pair: Pair) =>
    rows.find(({ metal, currency }) => metal === pair.metal && currency === pair.currency) ?? null;
  if (configured.length === 0) return { due: [], last: lastOf([]) };
  const claim = db
    .insert(exchanges)
    .values(
      configured.map(({ source, url, everyMinutes }) => ({
        id: context.newId(),
        name: source.name,
        region: source.region,
        apiUrl: url,
        everyMinutes,
        polledAt: bucket,
      })),
    )
    .onConflictDoUpdate({
      target: exchanges.name,
      set: {
        region: sql`excluded.region`,
        apiUrl: sql`excluded.api_url`,
        everyMinutes: sql`excluded.every_minutes`,
        polledAt: sql`excluded.polled_at`,
        updatedAt: sql`now()`,
      },
      // The distance in both directions: a clock that is turned back must not silence a source.
      setWhere: sql`abs(extract(epoch FROM excluded.polled_at - ${exchanges.polledAt})) >= excluded.every_minutes * 60`,
    })
    .returning({ exchangeId: exchanges.id, name: exchanges.name });
  const [claimed, rows] = await db.batch([claim, known]);
  const due = configured.flatMap((place) => {
    const row = claimed.find(({ name }) => name === place.source.name);
    return row === undefined ? [] : [{ ...place, exchangeId: row.exchangeId }];
  });
  return { due, last: lastOf(rows) };
}
