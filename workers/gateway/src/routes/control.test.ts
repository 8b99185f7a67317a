import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { EVENTS } from "@souk/kit/events";
import { Problem } from "@souk/kit/problem";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { adminOf } from "../../test/admin.ts";
import { recordedEvents, tell } from "../../test/domain-workers.ts";
import { newIsolates, type Isolate } from "../../test/isolates.ts";
import { accessToken, publish, signingKey, type SigningKey } from "../../test/tokens.ts";
import { Control, NO_SETTINGS } from "../control/settings.ts";
import { Env } from "../env.ts";

const HOUR_MS = 3_600_000;

let key: SigningKey;
let isolate: Isolate;
let admin: Awaited<ReturnType<typeof adminOf>>;
beforeAll(async () => {
  key = await signingKey("control");
  await publish(key);
  [isolate] = await newIsolates();
  admin = await adminOf(key, isolate);
});

describe("the operators' settings", () => {
  it("begin with nothing, and tell who changed them last", async () => {
    expect(await admin.read()).toEqual({ ...NO_SETTINGS, version: 0, changedAt: null, changedBy: null });
    const answer = await admin.change({ flags: { "new-checkout": 100 } });
    const changed = Control.parse(await answer.json());
    expect(changed).toMatchObject({ flags: { "new-checkout": 100 }, version: 1, changedBy: admin.userId });
    expect(Date.now() - Date.parse(changed.changedAt ?? "")).toBeLessThan(60_000);
    expect(await admin.read()).toEqual(changed);
  });

  it("keep what a change does not name, and outlive the object's eviction", async () => {
    await admin.change({ flags: { "new-checkout": 100 }, closedRoutes: ["GET /api/v1/users/me"] });
    await admin.change({ closedRoutes: [] });
    const before = await admin.read();
    expect(before).toMatchObject({ flags: { "new-checkout": 100 }, closedRoutes: [] });
    await evictDurableObject(Env.parse(env).CONTROL.getByName("control"));
    expect(await admin.read()).toEqual(before);
  });

  it("are changed by one of twenty at once, and the others are told", async () => {
    const { version } = await admin.read();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => admin.call("PATCH", "control", { version, flags: { one: n } })),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
    expect(answers.filter(({ status }) => status === 409).length).toBe(19);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(await admin.read()).toMatchObject({ version: version + 1, flags: { one: winner } });
    const refused = answers.find(({ status }) => status === 409);
    expect(Problem.parse(await refused?.json())).toMatchObject({ code: "conflict" });
    expect((await admin.call("PATCH", "control", { version: version + 2, flags: {} })).status).toBe(409);
  });

  it("leave a line in the log: who, and what", async () => {
    const log = vi.spyOn(console, "log");
    const warn = vi.spyOn(console, "warn");
    await admin.change({ flags: { logged: 7 } });
    await admin.purge("prices");
    const lines = [...log.mock.calls, ...warn.mock.calls].map(
      ([line]) => JSON.parse(String(line)) as unknown,
    );
    vi.restoreAllMocks();
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: "control changed",
        userId: admin.userId,
        change: expect.objectContaining({ flags: { logged: 7 } }),
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ message: "cache purged", userId: admin.userId, tags: ["prices"] }),
    );
  });

  it("become events: who, what it was and what it is, once each, also when the log cannot be told at once", async () => {
    const control = Env.parse(env).CONTROL.getByName("control");
    await admin.change({ flags: { told: 5 }, closedRoutes: [] });
    await vi.waitFor(async () => expect(await recordedEvents()).not.toEqual([]), { timeout: 10_000 });
    await tell("events", { fail: "throw" });
    await admin.change({ flags: { told: 6 } });
    const { version } = Control.parse(await (await admin.change({ flags: { told: 7, new: 1 } })).json());
    await runDurableObjectAlarm(control);
    expect(JSON.stringify(await recordedEvents())).not.toContain(`"version":${version}`);
    await evictDurableObject(control);
    await tell("events", {});
    await runDurableObjectAlarm(control);
    await runDurableObjectAlarm(control);
    const events = await recordedEvents();
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const [before, last] = events.slice(-2).map(({ data }) => EVENTS["control.changed"].data.parse(data));
    expect(before).toMatchObject({ version: version - 1, changes: [{ before: 5, after: 6 }] });
    expect(last).toEqual({
      version,
      changedBy: admin.userId,
      changes: [
        { setting: "flags/told", before: 6, after: 7 },
        { setting: "flags/new", before: null, after: 1 },
      ],
    });
  });

  it("drop quotas that have ended, at the next change", async () => {
    const quota = (hours: number, whom: string) => ({
      for: whom,
      limit: 5,
      until: new Date(Date.now() + hours * HOUR_MS).toISOString(),
    });
    const lasting = quota(1, crypto.randomUUID());
    await admin.change({ quotas: [quota(-1, "premium"), lasting] });
    expect((await admin.read()).quotas).toEqual([lasting]);
    await admin.change({ quotas: [] });
  });

  it.each([
    [{}, "version"],
    [{ version: 0, more: 1 }, ""],
    [{ version: -1 }, "version"],
    [{ version: 0, maintenance: { covers: "reads", message: "m", retryAfter: 1 } }, "maintenance.covers"],
    [{ version: 0, maintenance: { covers: "writes", message: " ", retryAfter: 1 } }, "maintenance.message"],
    [
      { version: 0, maintenance: { covers: "writes", message: "m", retryAfter: 0 } },
      "maintenance.retryAfter",
    ],
    [{ version: 0, flags: { Big: 1 } }, "flags.Big"],
    [{ version: 0, flags: { one: 101 } }, "flags.one"],
    [{ version: 0, flags: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`f${n}`, 1])) }, "flags"],
    [{ version: 0, quotas: [{ for: "anonymous", limit: 1, until: "2030-01-01T00:00:00Z" }] }, "quotas.0.for"],
    [{ version: 0, quotas: [{ for: "premium", limit: 0, until: "2030-01-01T00:00:00Z" }] }, "quotas.0.limit"],
    [{ version: 0, quotas: [{ for: "premium", limit: 1, until: "tomorrow" }] }, "quotas.0.until"],
    [
      { version: 0, quotas: Array(2).fill({ for: "premium", limit: 1, until: "2030-01-01T00:00:00Z" }) },
      "quotas",
    ],
    [{ version: 0, closedRoutes: Array(101).fill("GET /ws") }, "closedRoutes"],
  ])("refuse %j", async (change, field) => {
    const before = await admin.read();
    const answer = await admin.call("PATCH", "control", change);
    expect(answer.status).toBe(400);
    expect(Problem.parse(await answer.json()).details?.map((detail) => detail.field)).toEqual([field]);
    expect(await admin.read()).toEqual(before);
  });

  it.each(["user", "premium", "provider", "moderator"])("are not for a %s", async (role) => {
    const authorization = `Bearer ${await accessToken(key, { role })}`;
    for (const [method, path] of [
      ["GET", "control"],
      ["PATCH", "control"],
      ["POST", "cache/purges"],
    ] as const) {
      const init = { method, headers: { authorization }, ...(method !== "GET" && { body: "{}" }) };
      expect((await isolate(`/api/v1/admin/${path}`, init)).status).toBe(403);
      expect((await isolate(`/api/v1/admin/${path}`, { ...init, headers: {} })).status).toBe(401);
    }
  });
});

describe("the flags of a caller", () => {
  it("are on for all, for some, or off; a stranger has only the first", async () => {
    await admin.change({ flags: { all: 100, some: 50, none: 0 } });
    const flagsOf = async (headers: Record<string, string>) => {
      const answer = await isolate("/api/v1/flags", { headers });
      expect(answer.headers.get("cache-control")).toBe("no-store");
      return answer.json();
    };
    expect(await flagsOf({})).toEqual({ flags: { all: true, some: false, none: false } });
    const seen = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const token = await accessToken(key, { userId: crypto.randomUUID() });
      const flags = await flagsOf({ authorization: `Bearer ${token}` });
      expect(await flagsOf({ authorization: `Bearer ${token}` })).toEqual(flags);
      seen.add(JSON.stringify(flags));
    }
    expect([...seen].toSorted()).toEqual([
      '{"flags":{"all":true,"some":false,"none":false}}',
      '{"flags":{"all":true,"some":true,"none":false}}',
    ]);
  });
});
