import { EventEnvelope, type Delivery } from "@souk/kit/events";
import { z } from "zod";
import { testPlatform } from "../platform.ts";
import { query } from "./watcher.ts";

const queue = z.custom<Queue<unknown>>();
const Queues = z.object({ USERS_QUEUE: queue, NOTIFICATIONS_QUEUE: queue, EMAIL_BULK_QUEUE: queue });

/** The queues as the events Worker holds them, to put messages on them past it. */
export async function eventQueues(): Promise<z.infer<typeof Queues>> {
  const { harness } = await testPlatform();
  return Queues.parse(await harness.getWorker("events").getEnv());
}

/** The events of an alert and of its mail as the notifications queue carries them, oldest first. */
export async function deliveriesOf(alertId: string): Promise<Delivery[]> {
  const rows = await query(
    `SELECT '1.0' AS specversion, id, type, 'souk/' || source AS source, 'application/json' AS datacontenttype,
       aggregate_id AS aggregateid, version, traceparent, data, to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time
     FROM events.log
     WHERE aggregate_id = $1 OR data ->> 'causeId' IN (SELECT id::text FROM events.log WHERE aggregate_id = $1)
     ORDER BY created_at, id`,
    [alertId],
  );
  return z
    .array(EventEnvelope)
    .parse(rows)
    .map((event) => ({ subscriber: "notifications", event }));
}
