import { isoTime } from "@souk/db/iso-time";
import { priceHistory, prices } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { Instant } from "@souk/kit/instant";
import { readCursor, toPage } from "@souk/kit/pagination";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { assertPriced } from "../known-pair.ts";
import type { PriceHistory, PriceHistoryQuery } from "../schemas.ts";
import { priceIn } from "../weight.ts";

type Query = z.output<typeof PriceHistoryQuery>;
type Interval = Exclude<Query["interval"], "raw">;

/** How each candle's start is found, how long it lasts and how many a page may have: a page reads at most a year of prices. */
const CANDLES: Record<Interval, { startOf: (time: SQL) => SQL; length: string; most: number }> = {
  "5m": { startOf: (time) => sql`date_bin('5 minutes', ${time}, 'epoch')`, length: "5 minutes", most: 500 },
  "1h": { startOf: (time) => sql`date_trunc('hour', ${time}, 'UTC')`, length: "1 hour", most: 500 },
  "1d": { startOf: (time) => sql`date_trunc('day', ${time}, 'UTC')`, length: "1 day", most: 366 },
  "1w": { startOf: (time) => sql`date_trunc('week', ${time}, 'UTC')`, length: "7 days", most: 53 },
  "1mo": { startOf: (time) => sql`date_trunc('month', ${time}, 'UTC')`, length: "1 month", most: 12 },
};

const Point = z.object({
  id: z.uuid(),
  price: z.string(),
  bid: z.string().nullable(),
  ask: z.string().nullable(),
  sources: z.int(),
  quotedAt: z.string(),
  fetchedAt: z.string(),
});

const Candle = z.object({
  start: z.string(),
  open: z.string(),
  high: z.string(),
  low: z.string(),
  close: z.string(),
  points: z.coerce.number(),
  next: z.string().nullable(),
});

/** The pair's rows whose quote time lies in the range. */
const rowsOf = ({ metal, currency, from, to }: Query, and: SQL): SQL =>
  sql`FROM ${priceHistory} h WHERE h.price_id = (SELECT id FROM ${prices} WHERE metal = ${metal} AND currency = ${currency})
    AND h.quoted_at >= ${from ?? "-infinity"}::timestamptz AND h.quoted_at < ${to ?? "infinity"}::timestamptz ${and}`;

async function points(context: Context<Env>, query: Query, show: (price: string) => string) {
  const [quotedAt, id] =
    query.cursor === undefined ? [] : readCursor(z.tuple([Instant, z.uuid()]), query.cursor);
  const after =
    quotedAt === undefined ? sql`` : sql`AND (h.quoted_at, h.id) > (${quotedAt}::timestamptz, ${id}::uuid)`;
  const { rows } = await context.db.execute(
    sql`SELECT h.id, h.new_value AS price, h.bid, h.ask, h.sources, ${isoTime(sql`h.quoted_at`)} AS "quotedAt", ${isoTime(sql`h.fetched_at`)} AS "fetchedAt"
      ${rowsOf(query, after)} ORDER BY h.quoted_at, h.id LIMIT ${query.limit + 1}`,
  );
  const page = toPage(z.array(Point).parse(rows), query.limit, (row) => [row.quotedAt, row.id]);
  const items = page.items.map(({ price, bid, ask, sources, quotedAt: quoted, fetchedAt }) => ({
    price: show(price),
    bid: bid && show(bid),
    ask: ask && show(ask),
    sources,
    quotedAt: quoted,
    fetchedAt,
  }));
  return { items, nextCursor: page.nextCursor };
}

/** The page begins at the first candle that has a price, so that a gap in the history costs no empty pages. */
async function candles(
  context: Context<Env>,
  query: Query,
  interval: Interval,
  show: (price: string) => string,
) {
  const { startOf, length, most } = CANDLES[interval];
  const limit = Math.min(query.limit, most);
  const after =
    query.cursor === undefined
      ? sql``
      : sql`AND h.quoted_at >= ${readCursor(Instant, query.cursor)}::timestamptz`;
  const { rows } = await context.db.execute(sql`WITH first AS (
      SELECT ${startOf(sql`min(h.quoted_at)`)} AS start ${rowsOf(query, after)}
    ), page AS (
      SELECT start, start + ${length}::interval * ${limit}::int AS ending FROM first
    )
    SELECT ${isoTime(startOf(sql`h.quoted_at`))} AS start, (array_agg(h.new_value ORDER BY h.quoted_at, h.id))[1] AS open, max(h.new_value) AS high,
      min(h.new_value) AS low, (array_agg(h.new_value ORDER BY h.quoted_at DESC, h.id DESC))[1] AS close, count(*) AS points,
      (SELECT ${isoTime(sql`min(h.quoted_at)`)} ${rowsOf(query, sql`AND h.quoted_at >= (SELECT ending FROM page)`)}) AS next
    ${rowsOf(query, sql`${after} AND h.quoted_at < (SELECT ending FROM page)`)} GROUP BY 1 ORDER BY min(h.quoted_at)`);
  const found = z.array(Candle).parse(rows);
  const next = found[0]?.next ?? null;
  const items = found.map(({ start, open, high, low, close, points: count }) => ({
    start,
    open: show(open),
    high: show(high),
    low: show(low),
    close: show(close),
    points: count,
  }));
  return { items, nextCursor: next === null ? null : toPage([next, next], 1, (start) => start).nextCursor };
}

/**
 * Prices of the past, oldest first: single points or candles (open, high, low, close of the prices quoted in each interval, UTC).
 * A candle at the edge of `from` and `to` holds only what lies between them.
 * @throws AppError validation_failed, invalid_cursor
 */
export async function readPriceHistory(
  context: Context<Env>,
  query: Query,
): Promise<z.infer<typeof PriceHistory>> {
  assertPriced(context.env, query, query.karat);
  const show = (price: string) => priceIn(price, query.unit, query.karat);
  return query.interval === "raw"
    ? points(context, query, show)
    : candles(context, query, query.interval, show);
}
