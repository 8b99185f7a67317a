import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { emailAttempts, emailLogs } from "@souk/db/schema/email";
import { log } from "@souk/db/schema/events";
import { EVENTS, type Delivery, type EventData, type EventType } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { asc, eq, sql } from "drizzle-orm";
import { ownerDatabase } from "../../../test/owner-database.ts";
import worker from "../src/index.ts";

const db = ownerDatabase();
export const newId = () => uuidv7(new Date());

/** What a queue of this Worker carries for an event. */
export const deliveryOf = <T extends EventType>(type: T, data: EventData<T>): Delivery => ({
  subscriber: "email-urgent",
  event: {
    specversion: "1.0",
    id: newId(),
    type,
    source: "test",
    time: "2026-10-01T12:00:00.000Z",
    datacontenttype: "application/json",
    aggregateid: newId(),
    version: EVENTS[type].version,
    traceparent: null,
    data,
  },
});

/**
 * Delivers a message to the Worker, as the queue would.
 * @returns whether it was acknowledged, to be retried otherwise
 */
export async function deliver(body: Delivery, attempts = 1): Promise<"acknowledged" | "retried"> {
  const batch = createMessageBatch("email-urgent", [{ id: newId(), timestamp: new Date(), attempts, body }]);
  const context = createExecutionContext();
  await worker.queue(batch, env, context);
  const { explicitAcks } = await getQueueResult(batch, context);
  return explicitAcks.length === 1 ? "acknowledged" : "retried";
}

/** What the database holds about the mail that an event asked for. */
export async function recordOf(delivery: Delivery) {
  const rows = await db.select().from(emailLogs).where(eq(emailLogs.eventId, delivery.event.id));
  const [mail] = rows;
  if (mail === undefined || rows.length !== 1) throw new Error(`${rows.length} mails for one event`);
  const attempts = await db
    .select()
    .from(emailAttempts)
    .where(eq(emailAttempts.emailId, mail.id))
    .orderBy(asc(emailAttempts.id));
  const events = await db
    .select({ type: log.type, data: log.data })
    .from(log)
    .where(sql`${log.data} ->> 'causeId' = ${delivery.event.id}`);
  return { mail, attempts, events };
}

/** Ends the claim on an event's mail as time would. */
export async function expireClaim(delivery: Delivery): Promise<void> {
  await db
    .update(emailLogs)
    .set({ claimedUntil: new Date(Date.now() - 1) })
    .where(eq(emailLogs.eventId, delivery.event.id));
}
