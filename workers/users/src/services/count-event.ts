import { digestOf } from "@souk/db/erased";
import { erased, inbox, metrics } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { firstDelivery } from "@souk/kit/inbox";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { keepPeople } from "../queries/person-lock.ts";
import { COUNTED, type CountedEvent } from "../metrics.ts";

/**
 * Adds an event to the metrics of the people it is about, on the day it happened, once however often it is delivered; not of
 * someone who has been erased.
 * @throws whatever the database throws; the event is then to be delivered again
 */
export async function countEvent(context: Context<Env>, event: CountedEvent): Promise<void> {
  const { actor, other } = COUNTED[event.type];
  const { data } = event;
  const of = (userId: string, counted: readonly string[]) =>
    counted.map((metric) => ({ user_id: userId, metric }));
  const people = "otherId" in data ? [data.userId, data.otherId] : [data.userId];
  const counted = [...of(data.userId, actor), ...("otherId" in data ? of(data.otherId, other) : [])];
  // In one order everywhere, so that two events about the same people do not wait for each other.
  const count = sql`WITH first AS (${firstDelivery(inbox, event.id)})
    INSERT INTO ${metrics} AS m (user_id, day, metric, count)
    SELECT one.user_id, (${event.time}::timestamptz AT TIME ZONE 'UTC')::date, one.metric, 1
    FROM first, jsonb_to_recordset(${JSON.stringify(counted)}::jsonb) AS one (user_id uuid, metric text)
    WHERE NOT EXISTS (SELECT FROM ${erased} WHERE person = ${digestOf(sql`one.user_id`)})
    ORDER BY one.user_id, one.metric
    ON CONFLICT (user_id, day, metric) DO UPDATE SET count = m.count + 1`;
  await context.db.batch([context.db.execute(keepPeople(...people)), context.db.execute(count)]);
}
