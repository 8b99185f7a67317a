import type { Client } from "pg";

/** The price at which nothing is crossed yet; each whole dollar above it crosses the next 100 alerts. */
export const START_PRICE = 2_000;
export const PER_DOLLAR = 100;

/** The current price, from which the ticks are told. */
const PRICE = `INSERT INTO alerts.prices (id, metal, currency, price, sources, quoted_at, fetched_at)
  VALUES (gen_random_uuid(), 'XAU', 'USD', ${START_PRICE}, 3, now(), now())`;

/**
 * Active, armed alerts, half of them above the price and a cent apart, half below it; every second fires once, every second is recurring.
 * The ids are UUIDv7, as the Worker makes them.
 */
const ALERTS = `INSERT INTO alerts.alerts (id, user_id, metal, currency, alert_type, threshold, unit, karat, mode, hysteresis_percent,
    cooldown_seconds, start, active, state, created_at, updated_at)
  SELECT events.uuid_v7(now() - (n || ' milliseconds')::interval), gen_random_uuid(), 'XAU', 'USD',
    CASE WHEN n % 2 = 0 THEN 'above' ELSE 'below' END,
    CASE WHEN n % 2 = 0 THEN ${START_PRICE} + (n / 2) / ${PER_DOLLAR}.0 ELSE ${START_PRICE - 1} - 1900.0 * n / $1::int END,
    'toz', 24, CASE WHEN n % 4 < 2 THEN 'one_shot' ELSE 'recurring' END, 1, 3600, 'now', true, 'armed', now(), now()
  FROM generate_series(1, $1::int) n`;

/** Fills a migrated database with a price and so many active alerts. */
export const seedAlerts =
  (count: number) =>
  async (client: Client): Promise<void> => {
    await client.query("SET synchronous_commit = off");
    await client.query(PRICE);
    await client.query(ALERTS, [count]);
  };

/** A new price, stored as the poll would, not yet evaluated. @returns its id */
export async function storeTick(client: Client, price: number): Promise<void> {
  await client.query(
    `WITH now_current AS (UPDATE alerts.prices SET price = $1, quoted_at = clock_timestamp(), updated_at = clock_timestamp() RETURNING id)
     INSERT INTO alerts.price_history (id, price_id, bucket, old_value, new_value, sources, quoted_at, fetched_at, changed_at, late)
     SELECT gen_random_uuid(), id, clock_timestamp(), $1::numeric - 1, $1, 3, clock_timestamp(), clock_timestamp(), clock_timestamp(), false FROM now_current`,
    [price],
  );
}
