import { describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually, request } from "../http.ts";
import { newAdmin, newPerson } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { logLines, query } from "./watcher.ts";

const Letters = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      subscriber: z.string().nullable(),
      eventId: z.string().nullable(),
      reason: z.string(),
      attempts: z.int(),
      body: z.unknown(),
    }),
  ),
});
type Letter = z.infer<typeof Letters>["items"][number];

/** The open dead letter, once there is one, as an admin is shown it. */
const shown = (token: string, which: (letter: Letter) => boolean) =>
  eventually("the dead letter", async () => {
    const { json } = await request("GET", "/api/v1/events/dead-letters?limit=100", { token });
    return Letters.parse(json).items.find(which);
  });
const replay = (token: string, { id }: Letter) =>
  request("POST", `/api/v1/events/dead-letters/${id}/replay`, { token });

describe("a poison message", () => {
  it("runs out of deliveries, is kept with its reason, shown, and replayed once the cause is gone", async () => {
    const admin = await newAdmin();
    const person = await newPerson();
    const profiles = () => query("SELECT 1 FROM users.profiles WHERE user_id = $1", [person.id]);
    await eventually("the profile", async () => (await profiles())[0]);
    const [event] = z
      .array(z.object({ id: z.string() }))
      .parse(
        await query("SELECT id FROM events.log WHERE type = 'user.registered' AND aggregate_id = $1", [
          person.id,
        ]),
      );
    if (event === undefined) throw new Error("the registration was expected in the log");
    await query("DELETE FROM users.profiles WHERE user_id = $1", [person.id]);
    await query("REVOKE INSERT ON users.profiles FROM svc_users");
    try {
      await query("UPDATE events.log SET sent_at = NULL, claimed_until = NULL WHERE id = $1", [event.id]);
      const { harness } = await testPlatform();
      await harness.getWorker("events").scheduled({ cron: "* * * * *", scheduledTime: new Date() });
      const letter = await shown(admin.accessToken, ({ eventId }) => eventId === event.id);
      expect(letter).toMatchObject({ subscriber: "users", attempts: 10 });
      expect(letter.reason).toContain("permission denied for table profiles");
      expect(await logLines("event will be retried", event.id)).toHaveLength(9);
      expect(await logLines("event given up", event.id)).toHaveLength(1);
      expect(await logLines("dead letter", event.id, "permission denied")).toHaveLength(1);
      await query("GRANT INSERT ON users.profiles TO svc_users");
      expect((await replay(admin.accessToken, letter)).status).toBe(204);
    } finally {
      await query("GRANT INSERT ON users.profiles TO svc_users");
    }
    await eventually("the profile again", async () => (await profiles())[0]);
    const { json } = await request("GET", "/api/v1/events/dead-letters", { token: admin.accessToken });
    expect(Letters.parse(json).items.filter(({ eventId }) => eventId === event.id)).toEqual([]);
    expect(await logLines("dead letter replayed", event.id)).toHaveLength(1);
  });

  it("that is no event at all is kept at once, shown, and cannot be replayed", async () => {
    const admin = await newAdmin();
    const { harness } = await testPlatform();
    const mark = crypto.randomUUID();
    const { USERS_QUEUE } = z
      .object({ USERS_QUEUE: z.custom<Queue<unknown>>() })
      .parse(await harness.getWorker("events").getEnv());
    await USERS_QUEUE.send({ mark });
    const letter = await shown(admin.accessToken, ({ body }) => JSON.stringify(body).includes(mark));
    expect(letter).toMatchObject({ subscriber: null, attempts: 1 });
    expect(letter.reason).toContain("Not a delivery");
    const { status, headers, json } = await replay(admin.accessToken, letter);
    expect(status).toBe(409);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(json).toMatchObject({ code: "conflict", requestId: expect.any(String) });
  });
});
