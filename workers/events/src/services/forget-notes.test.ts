import { env } from "cloudflare:workers";
import { deadLetters, log } from "@souk/db/schema/events";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { eventRow } from "@souk/kit/event-log";
import { EVENTS } from "@souk/kit/events";
import { eq, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { Env } from "../env.ts";
import { drainLog } from "./drain-log.ts";
import { toEnvelope } from "./send-deliveries.ts";

const db = ownerDatabase();
const context = createContext(parseEnv(Env, env), { service: "events", waitUntil: () => {} });

/** An alert that fired, in the log and as a letter that nobody could deliver. */
async function fired(userId: string, note: string | null): Promise<string> {
  const now = new Date().toISOString();
  const ids = { alertId: context.newId(), historyId: context.newId(), userId };
  const pair = { metal: "XAU", currency: "USD", type: "above" as const, unit: "toz", karat: 24 };
  const prices = { threshold: "1", price: "2", quotedAt: now, triggeredAt: now };
  const row = eventRow(context, "alert.triggered", ids.alertId, { ...ids, ...pair, ...prices, note });
  const [kept] = await db.insert(log).values(row).returning();
  if (kept === undefined) throw new Error("not kept");
  const body = { subscriber: "email-bulk", event: toEnvelope(kept) };
  const letter = {
    eventId: row.id,
    eventType: row.type,
    subscriber: "email-bulk",
    reason: "test",
    attempts: 1,
  };
  await db.insert(deadLetters).values({ ...letter, id: context.newId(), body });
  return row.id;
}
const erased = async (userId: string) => {
  const row = eventRow(context, "account.erased", userId, { userId, erasureId: context.newId() });
  await db.insert(log).values(row);
};
const noteOf = async (eventId: string) => {
  const [row] = await db.select({ data: log.data }).from(log).where(eq(log.id, eventId));
  const [letter] = await db
    .select({ note: sql<string | null>`body #>> '{event,data,note}'` })
    .from(deadLetters)
    .where(eq(deadLetters.eventId, eventId));
  EVENTS["alert.triggered"].data.parse(row?.data);
  return [row?.data["note"], letter?.note];
};

it("the notes of who is erased leave the log and the dead letters; all else stays as it is", async () => {
  const [ada, bob] = [context.newId(), context.newId()];
  const [hers, bare, his] = [
    await fired(ada, "for Tom's ring"),
    await fired(ada, null),
    await fired(bob, "mine"),
  ];
  const before = await db.select().from(log).where(eq(log.id, his));
  await drainLog(context);
  expect(await noteOf(hers)).toEqual(["for Tom's ring", "for Tom's ring"]);
  for (let time = 0; time < 2; time++) {
    await erased(ada);
    await drainLog(context);
    for (const id of [hers, bare]) expect(await noteOf(id)).toEqual([null, null]);
  }
  expect(await noteOf(his)).toEqual(["mine", "mine"]);
  expect((await db.select().from(log).where(eq(log.id, his)))[0]?.data).toEqual(before[0]?.data);
});
