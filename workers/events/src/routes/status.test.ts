import { env, exports } from "cloudflare:workers";
import { deadLetters, log } from "@souk/db/schema/events";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { eventRow } from "@souk/kit/event-log";
import { beforeEach, describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { Env } from "../env.ts";
import { EventsStatus } from "../schemas.ts";

const db = ownerDatabase();
const context = createContext(parseEnv(Env, { ...env }), { service: "auth", waitUntil: () => {} });

const read = (role?: "user" | "admin") =>
  exports.default.fetch("https://souk.test/api/v1/events/status", {
    headers:
      role === undefined
        ? {}
        : {
            [ACTOR_HEADER]: encodeActor({
              userId: context.newId(),
              email: "a@example.com",
              role,
              sessionId: context.newId(),
            }),
          },
  });
const status = async () => EventsStatus.parse(await (await read("admin")).json());

beforeEach(async () => {
  await db.delete(log);
  await db.delete(deadLetters);
});

describe("the status of events", () => {
  it("is quiet when nothing waits", async () => {
    expect(await status()).toEqual({ unsent: 0, oldestUnsentAt: null, openDeadLetters: 0 });
  });

  it("counts what waits and names the oldest; what was sent or replayed does not count", async () => {
    const oldest = new Date("2026-10-01T12:00:00.123Z");
    const row = () => {
      const userId = context.newId();
      return eventRow(context, "user.registered", userId, { userId });
    };
    await db.insert(log).values([
      { ...row(), createdAt: new Date("2026-10-01T12:00:05Z") },
      { ...row(), createdAt: oldest },
      { ...row(), createdAt: new Date("2026-09-01T12:00:00Z"), sentAt: new Date() },
    ]);
    const letter = { reason: "Error: away", attempts: 12, body: {} };
    await db.insert(deadLetters).values([
      { ...letter, id: context.newId() },
      { ...letter, id: context.newId(), replayedAt: new Date(), replayedBy: "somebody" },
    ]);
    expect(await status()).toEqual({
      unsent: 2,
      oldestUnsentAt: oldest.toISOString(),
      openDeadLetters: 1,
    });
  });

  it("is for admins alone", async () => {
    expect((await read()).status).toBe(401);
    expect((await read("user")).status).toBe(403);
  });
});
