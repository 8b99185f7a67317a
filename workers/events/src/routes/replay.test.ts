import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { deadLetters, log, replays } from "@souk/db/schema/events";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { eventRow } from "@souk/kit/event-log";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { Env } from "../env.ts";
import worker from "../index.ts";
import { DeadLetterPage, Replay } from "../schemas.ts";
import { toEnvelope } from "../services/send-deliveries.ts";

const db = ownerDatabase();
const context = createContext(parseEnv(Env, { ...env }), { service: "auth", waitUntil: () => {} });
const actor = (role: "user" | "admin") => ({
  [ACTOR_HEADER]: encodeActor({
    userId: context.newId(),
    email: "a@example.com",
    role,
    sessionId: context.newId(),
  }),
});
const call = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
  exports.default.fetch(`https://souk.test${path}`, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function storedEvent() {
  const userId = context.newId();
  const [row] = await db
    .insert(log)
    .values(eventRow(context, "user.registered", userId, { userId }))
    .returning();
  return toEnvelope(z.custom<typeof log.$inferSelect>((value) => value !== undefined).parse(row));
}

async function die(bodies: unknown[]) {
  const messages = bodies.map((body) => ({
    id: crypto.randomUUID(),
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch("dead-letters", messages);
  const executionContext = createExecutionContext();
  await worker.queue(batch, env, executionContext);
  return getQueueResult(batch, executionContext);
}

describe("dead letters", () => {
  it("keeps a message with its reason, once, and sends it again when told", async () => {
    const event = await storedEvent();
    const delivery = { subscriber: "users", event };
    const letter = {
      subscriber: "users",
      reason: "Error: profile table is away",
      attempts: 8,
      body: delivery,
    };
    expect((await die([letter])).ackAll).toBe(true);
    await die([letter]);
    const [row, ...more] = await db.select().from(deadLetters).where(eq(deadLetters.eventId, event.id));
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      subscriber: "users",
      reason: "Error: profile table is away",
      attempts: 8,
      body: delivery,
    });

    const listed = DeadLetterPage.parse(
      await (await call("GET", "/api/v1/events/dead-letters?limit=100", actor("admin"))).json(),
    );
    expect(listed.items.map(({ eventId }) => eventId)).toContain(event.id);
    const replayed = await call("POST", `/api/v1/events/dead-letters/${row?.id}/replay`, actor("admin"));
    expect(replayed.status).toBe(204);
    const open = DeadLetterPage.parse(
      await (await call("GET", "/api/v1/events/dead-letters?limit=100", actor("admin"))).json(),
    );
    expect(open.items.map(({ eventId }) => eventId)).not.toContain(event.id);
  });

  it("keeps what the platform moved here, and what is no event at all, once", async () => {
    const event = await storedEvent();
    await die([{ subscriber: "notifications", event }, "not an event", "not an event"]);
    await die(["not an event"]);
    const rows = await db.select().from(deadLetters);
    expect(rows.find((row) => row.eventId === event.id)).toMatchObject({ subscriber: "notifications" });
    const [poison, ...more] = rows.filter((row) => row.body === "not an event");
    expect(more).toEqual([]);
    expect(poison).toMatchObject({ subscriber: null, eventId: null });
    expect(
      (await call("POST", `/api/v1/events/dead-letters/${poison?.id}/replay`, actor("admin"))).status,
    ).toBe(409);
  });

  it("pages through the list without gap or repeat", async () => {
    await die(
      Array.from({ length: 5 }, (_, index) => ({
        subscriber: null,
        reason: `page ${index}`,
        attempts: 1,
        body: index,
      })),
    );
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const response: Response = await call(
        "GET",
        `/api/v1/events/dead-letters?limit=2${cursor && `&cursor=${cursor}`}`,
        actor("admin"),
      );
      const page: z.infer<typeof DeadLetterPage> = DeadLetterPage.parse(await response.json());
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(
      (await db.select().from(deadLetters)).filter((row) => row.replayedAt === null).length,
    );
  });
});

describe("replay of the log", () => {
  it("sends the named part to one subscriber and records who asked", async () => {
    const event = await storedEvent();
    const range = {
      from: new Date(Date.now() - 60_000).toISOString(),
      to: new Date(Date.now() + 60_000).toISOString(),
    };
    const response = await call("POST", "/api/v1/events/replays", actor("admin"), {
      subscriber: "users",
      ...range,
    });
    expect(response.status).toBe(201);
    const replay = Replay.parse(await response.json());
    const stored = await db.select().from(log);
    expect(stored.map(({ id }) => id)).toContain(event.id);
    expect(replay.sent).toBe(stored.length);
    expect(await db.select().from(replays).where(eq(replays.id, replay.id))).toHaveLength(1);
    const none = await call("POST", "/api/v1/events/replays", actor("admin"), {
      subscriber: "email-bulk",
      ...range,
    });
    expect(Replay.parse(await none.json()).sent).toBe(0);
  });

  it.each([
    ["GET", "/api/v1/events/dead-letters"],
    ["POST", "/api/v1/events/dead-letters/019a0000-0000-7000-8000-000000000000/replay"],
    ["POST", "/api/v1/events/replays"],
  ])("%s %s is for admins alone", async (method, path) => {
    expect((await call(method, path, {})).status).toBe(401);
    expect((await call(method, path, actor("user"))).status).toBe(403);
  });
});
