import { isoTime } from "@souk/db/iso-time";
import { exchanges, priceHistory, prices, quotes } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { eq, sql, type SQL } from "drizzle-orm";
import type { Env, Pair } from "../env.ts";
import type { AgreedPrice, Judgement } from "../judge-quotes.ts";
import { priceCache } from "../price-cache.ts";
import type { Quote } from "../sources/source.ts";

export interface PollResult {
  bucket: Date;
  answers: { exchangeId: string; answered: boolean; failure: string | null }[];
  judged: (Judgement<Quote & { exchangeId: string }> & { pair: Pair })[];
}

/** Serialises the writers of prices, so that each sees what the one before made current. The numbers are arbitrary. */
const LOCK = sql`SELECT pg_advisory_xact_lock(7236, 2)`;

/** One price: the current one if it is newer, its row of history once per bucket, and its event when it became current. */
function storePrice(context: Context<Env>, bucket: Date, { metal, currency }: Pair, price: AgreedPrice): SQL {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const at = sql`${bucket.toISOString()}::timestamptz`;
  return sql`WITH last AS (
      SELECT id, price, quoted_at FROM ${prices} WHERE metal = ${metal} AND currency = ${currency}
    ), fresh AS (
      SELECT ${price.price}::numeric AS price, ${price.bid}::numeric AS bid, ${price.ask}::numeric AS ask, ${price.sources}::int AS sources,
        ${price.quotedAt.toISOString()}::timestamptz AS quoted_at
      WHERE NOT EXISTS (SELECT FROM last JOIN ${priceHistory} h ON h.price_id = last.id WHERE h.bucket = ${at})
    ), current AS (
      INSERT INTO ${prices} AS p (id, metal, currency, price, bid, ask, change, sources, quoted_at, fetched_at, created_at, updated_at)
      SELECT ${context.newId()}::uuid, ${metal}, ${currency}, fresh.price, bid, ask, fresh.price - (SELECT price FROM last), sources, quoted_at, ${now}, ${now}, ${now}
      FROM fresh
      ON CONFLICT (metal, currency) DO UPDATE SET price = excluded.price, bid = excluded.bid, ask = excluded.ask, change = excluded.change,
        sources = excluded.sources, quoted_at = excluded.quoted_at, fetched_at = excluded.fetched_at, updated_at = excluded.updated_at
      WHERE p.quoted_at < excluded.quoted_at
      RETURNING id, metal, currency, price, quoted_at, fetched_at
    ), history AS (
      INSERT INTO ${priceHistory} (id, price_id, bucket, old_value, new_value, bid, ask, sources, quoted_at, fetched_at, changed_at, late)
      SELECT ${context.newId()}::uuid, coalesce(current.id, last.id), ${at}, CASE WHEN current.id IS NOT NULL THEN last.price END, fresh.price, bid, ask, sources,
        fresh.quoted_at, ${now}, ${now}, current.id IS NULL
      FROM fresh LEFT JOIN last ON true LEFT JOIN current ON true
    )
    ${appendEvents(context, "price.updated", {
      from: sql`current`,
      aggregateId: sql`current.id::text`,
      data: sql`jsonb_build_object('metal', current.metal, 'currency', current.currency, 'price', current.price::text,
        'previousPrice', (SELECT price::text FROM last), 'quotedAt', ${isoTime(sql`current.quoted_at`)}, 'fetchedAt', ${isoTime(sql`current.fetched_at`)})`,
    })}`;
}

/**
 * Stores what a poll found, in one transaction and one round trip: every source's health, every quote with its verdict, and the prices.
 * Idempotent by source, pair and bucket. A price quoted no later than the current one is kept in the history as `late`, nothing more.
 */
export async function storePrices(
  context: Context<Env>,
  { bucket, answers, judged }: PollResult,
): Promise<void> {
  const { db } = context;
  const now = context.now();
  const seen = answers.map(({ exchangeId, answered, failure }) =>
    db
      .update(exchanges)
      .set({ failure, updatedAt: now, ...(answered && { answeredAt: now }) })
      .where(eq(exchanges.id, exchangeId)),
  );
  const rows = judged.flatMap(({ quotes: ofPair }) =>
    ofPair.map(({ reason, ...quote }) => ({
      ...quote,
      id: context.newId(),
      bucket,
      fetchedAt: now,
      accepted: reason === null,
      reason,
    })),
  );
  const kept = rows.length > 0 ? [db.insert(quotes).values(rows).onConflictDoNothing()] : [];
  const priced = judged.flatMap(({ pair, price }) =>
    price === null ? [] : [db.execute(storePrice(context, bucket, pair, price))],
  );
  await db.batch([db.execute(LOCK), ...seen, ...kept, ...priced]);
  priceCache.clear();
}
