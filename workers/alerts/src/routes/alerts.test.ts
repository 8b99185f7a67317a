import { env, exports } from "cloudflare:workers";
import { alertHistory, alerts, priceHistory } from "@souk/db/schema/alerts";
import { uuidv7 } from "@souk/kit/ids";
import { Problem } from "@souk/kit/problem";
import { eq, inArray } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { fakeSources } from "../../test/fake-sources.ts";
import { person } from "../../test/person.ts";
import { runCron } from "../../test/run-cron.ts";
import { Alert, AlertHistoryPage, AlertPage } from "../schemas.ts";

// Parsed at the first request, which comes later.
Object.assign(env, { PAIRS: '["XAU/USD","XAU/EUR","XAG/USD"]' });

const db = ownerDatabase();
const ABOVE = { metal: "XAU", currency: "USD", type: "above", threshold: "1000.50" };

afterEach(() => vi.restoreAllMocks());

const alertOf = async (response: Response, status: number) => {
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(status);
  return Alert.parse(body);
};
const problemOf = async (response: Response, status: number) => {
  const problem = Problem.parse(await response.json());
  expect(response.status).toBe(status);
  return problem;
};
const fieldsOf = async (response: Response) =>
  (await problemOf(response, 400)).details?.map(({ field }) => field);
const countOf = async (userId: string) =>
  (await db.select({ id: alerts.id }).from(alerts).where(eq(alerts.userId, userId))).length;

describe("POST /alerts", () => {
  it("creates an alert with the defaults", async () => {
    const { call } = person();
    const alert = await alertOf(await call("POST", "/alerts", ABOVE), 201);
    expect(alert).toEqual({
      ...ABOVE,
      id: alert.id,
      clientId: null,
      unit: "toz",
      karat: 24,
      mode: "one_shot",
      hysteresisPercent: 0.5,
      cooldownSeconds: 3600,
      start: "now",
      note: null,
      active: true,
      state: "armed",
      lastTriggeredAt: null,
      createdAt: alert.createdAt,
      updatedAt: alert.createdAt,
    });
    expect(await alertOf(await call("GET", `/alerts/${alert.id}`), 200)).toEqual(alert);
  });

  it.each([
    ["a number for a threshold", { threshold: 1000 }, "threshold"],
    ["no number", { threshold: "1e3" }, "threshold"],
    ["nothing", { threshold: "0.00" }, "threshold"],
    ["a negative threshold", { threshold: "-5" }, "threshold"],
    ["too many digits", { threshold: "1234567890123" }, "threshold"],
    ["an unknown type", { type: "sideways" }, "type"],
    ["an unknown metal", { metal: "XXX" }, "metal"],
    ["a metal without a price", { metal: "XPT" }, "metal"],
    ["a currency without a price", { currency: "JPY" }, "currency"],
    ["a currency that this metal has no price in", { metal: "XAG", currency: "EUR" }, "currency"],
    ["an unknown unit", { unit: "stone" }, "unit"],
    ["an unknown karat", { karat: 23 }, "karat"],
    ["a karat of silver", { metal: "XAG", karat: 18 }, "karat"],
    ["too wide a hysteresis", { hysteresisPercent: 51 }, "hysteresisPercent"],
    ["a negative cooldown", { cooldownSeconds: -1 }, "cooldownSeconds"],
    ["a long note", { note: "x".repeat(501) }, "note"],
    ["an unknown field", { userId: "someone else" }, ""],
  ])("refuses %s", async (_, change, field) => {
    expect(await fieldsOf(await person().call("POST", "/alerts", { ...ABOVE, ...change }))).toEqual([field]);
  });

  it("is for the logged-in", async () => {
    const init = {
      method: "POST",
      body: JSON.stringify(ABOVE),
      headers: { "content-type": "application/json" },
    };
    await problemOf(await exports.default.fetch("https://souk.test/api/v1/alerts", init), 401);
  });

  it("refuses a client id twice, but not of two people", async () => {
    const [ada, bob] = [person(), person()];
    await alertOf(await ada.call("POST", "/alerts", { ...ABOVE, clientId: "a" }), 201);
    await alertOf(await bob.call("POST", "/alerts", { ...ABOVE, clientId: "a" }), 201);
    expect(
      await problemOf(await ada.call("POST", "/alerts", { ...ABOVE, clientId: "a" }), 409),
    ).toMatchObject({ code: "conflict" });
  });

  it("stops at 200, also for 20 at once", async () => {
    const { call, userId } = person();
    const template = await alertOf(await call("POST", "/alerts", ABOVE), 201);
    const {
      thresholdToz: _,
      rearmToz: __,
      ...row
    } = (await db.select().from(alerts).where(eq(alerts.id, template.id)))[0] ?? {};
    const rows = Array.from({ length: 189 }, () => ({ ...row, id: uuidv7(new Date()) }));
    await db.insert(alerts).values(rows as (typeof alerts.$inferInsert)[]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_unused, n) =>
        call(n % 2 ? "POST" : "PUT", "/alerts", { ...ABOVE, threshold: `${n + 1}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(await problemOf(answer, 409)).toMatchObject({ code: "limit_reached" });
    }
    expect(await countOf(userId)).toBe(200);
  });
});

describe("PUT /alerts", () => {
  it("creates by client id, then changes the same alert", async () => {
    const { call, userId } = person();
    const put = (body: object) => call("PUT", "/alerts", { ...ABOVE, clientId: "mine", ...body });
    const made = await alertOf(await put({}), 201);
    const changed = await alertOf(
      await put({ metal: "XAG", type: "below", threshold: "20", note: "buy" }),
      200,
    );
    expect(changed).toMatchObject({
      id: made.id,
      metal: "XAG",
      type: "below",
      threshold: "20",
      note: "buy",
      createdAt: made.createdAt,
    });
    expect(await countOf(userId)).toBe(1);
  });

  it("without a client id means the one that watches the same", async () => {
    const { call, userId } = person();
    const made = await alertOf(await call("PUT", "/alerts", ABOVE), 201);
    expect(
      await alertOf(await call("PUT", "/alerts", { ...ABOVE, threshold: "1000.5", mode: "recurring" }), 200),
    ).toMatchObject({ id: made.id, mode: "recurring" });
    await alertOf(await call("PUT", "/alerts", { ...ABOVE, karat: 22 }), 201);
    expect(await countOf(userId)).toBe(2);
  });

  it("20 at once make one alert", async () => {
    const { call, userId } = person();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call("PUT", "/alerts", ABOVE)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(await countOf(userId)).toBe(1);
  });
});

describe("after it fired", () => {
  it("shows its history; a repeated PUT does not bring it back, a change does", async () => {
    const { call } = person();
    const keyed = await alertOf(await call("PUT", "/alerts", { ...ABOVE, clientId: "k" }), 201);
    const plain = await alertOf(await call("PUT", "/alerts", ABOVE), 201);
    const at = new Date("2024-01-02T12:00:00Z");
    fakeSources(() => ({ price: 1001, at }));
    await runCron(at);
    for (const { id } of [keyed, plain]) {
      const { items, nextCursor } = AlertHistoryPage.parse(
        await (await call("GET", `/alerts/${id}/history`)).json(),
      );
      expect(items).toMatchObject([
        {
          value: "1001",
          previousValue: null,
          threshold: "1000.50",
          unit: "toz",
          karat: 24,
          triggeredAt: at.toISOString(),
        },
      ]);
      expect(nextCursor).toBeNull();
      expect(await alertOf(await call("GET", `/alerts/${id}`), 200)).toMatchObject({
        state: "done",
        active: false,
        lastTriggeredAt: at.toISOString(),
      });
    }
    expect(await alertOf(await call("PUT", "/alerts", { ...ABOVE, clientId: "k" }), 200)).toMatchObject({
      id: keyed.id,
      state: "done",
    });
    expect((await alertOf(await call("PUT", "/alerts", ABOVE), 201)).id).not.toBe(plain.id);
    expect(
      await alertOf(await call("PUT", "/alerts", { ...ABOVE, clientId: "k", threshold: "1002" }), 200),
    ).toMatchObject({ id: keyed.id, state: "armed", active: true });
    expect(
      await alertOf(await call("PATCH", `/alerts/${plain.id}`, { active: true, start: "crossing" }), 200),
    ).toMatchObject({ state: "waiting", active: true });
  });

  it("pages through a long history, and deletes it with the alert", async () => {
    const { call, userId } = person();
    const { id } = await alertOf(await call("POST", "/alerts", ABOVE), 201);
    const [tick] = await db.select().from(priceHistory);
    if (tick === undefined) throw new Error("no price yet");
    const ticks = Array.from({ length: 5 }, (_, n) => ({
      ...tick,
      id: uuidv7(new Date()),
      bucket: new Date(Date.UTC(2020, 0, 1, n)),
      late: true,
    }));
    await db.insert(priceHistory).values(ticks);
    const fired = ticks.map(({ id: priceHistoryId, bucket }) => ({
      priceHistoryId,
      triggeredAt: bucket,
      quotedAt: bucket,
      id: uuidv7(bucket),
    }));
    await db.insert(alertHistory).values(
      fired.map((row) => ({
        ...row,
        alertId: id,
        userId,
        value: "1",
        threshold: "1",
        unit: "toz",
        karat: 24,
        sources: 1,
      })),
    );
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = AlertHistoryPage.parse(
        await (await call("GET", `/alerts/${id}/history?limit=2${cursor}`)).json(),
      );
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
    } while (cursor !== "");
    expect(seen).toEqual(fired.map((row) => row.id).toReversed());
    expect((await call("DELETE", `/alerts/${id}`)).status).toBe(204);
    expect(await db.select().from(alertHistory).where(inArray(alertHistory.id, seen))).toEqual([]);
    await problemOf(await call("GET", `/alerts/${id}`), 404);
  });
});

describe("PATCH /alerts/{id}", () => {
  it("changes what is given and keeps the rest", async () => {
    const { call } = person();
    const made = await alertOf(await call("POST", "/alerts", { ...ABOVE, note: "n" }), 201);
    const patch = async (body: object) => alertOf(await call("PATCH", `/alerts/${made.id}`, body), 200);
    const changed = await patch({ threshold: "30.25", unit: "g" });
    expect(changed).toEqual({ ...made, threshold: "30.25", unit: "g", updatedAt: changed.updatedAt });
    expect(await patch({ note: null })).toMatchObject({ note: null, threshold: "30.25" });
    expect(await patch({ active: false })).toMatchObject({ active: false, state: "armed" });
  });

  it("refuses what makes no sense", async () => {
    const { call } = person();
    const silver = await alertOf(await call("POST", "/alerts", { ...ABOVE, metal: "XAG" }), 201);
    expect(await fieldsOf(await call("PATCH", `/alerts/${silver.id}`, { karat: 18 }))).toEqual(["karat"]);
    expect(await fieldsOf(await call("PATCH", `/alerts/${silver.id}`, { state: "armed" }))).toEqual([""]);
    expect(await fieldsOf(await call("PATCH", "/alerts/1", {}))).toEqual(["id"]);
  });
});

describe("another's alert", () => {
  it.each([
    ["GET", "", undefined],
    ["PATCH", "", { note: "mine now" }],
    ["DELETE", "", undefined],
    ["GET", "/history", undefined],
  ])("is not there for %s %s", async (method, path, body) => {
    const [ada, bob] = [person(), person()];
    const made = await alertOf(await ada.call("POST", "/alerts", ABOVE), 201);
    expect(await problemOf(await bob.call(method, `/alerts/${made.id}${path}`, body), 404)).toMatchObject({
      code: "not_found",
    });
    expect(await alertOf(await ada.call("GET", `/alerts/${made.id}`), 200)).toEqual(made);
  });
});

describe("GET /alerts", () => {
  it("lists mine alone, newest first, by pages, and by whether they are active", async () => {
    const [ada, bob] = [person(), person()];
    await bob.call("POST", "/alerts", ABOVE);
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1)
      made.unshift((await alertOf(await ada.call("POST", "/alerts", ABOVE), 201)).id);
    const list = async (query: string) =>
      AlertPage.parse(await (await ada.call("GET", `/alerts?${query}`)).json());
    const first = await list("limit=3");
    const second = await list(`limit=3&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(made);
    expect(second.nextCursor).toBeNull();
    await ada.call("PATCH", `/alerts/${made[1]}`, { active: false });
    expect((await list("active=false")).items.map(({ id }) => id)).toEqual([made[1]]);
    expect((await list("active=true")).items).toHaveLength(4);
    await problemOf(await ada.call("GET", "/alerts?cursor=nonsense"), 400);
    await problemOf(await ada.call("GET", "/alerts?active=maybe"), 400);
  });
});

describe("the database", () => {
  it("is asked once to create, change and list", async () => {
    const { call } = person();
    const spy = vi.spyOn(globalThis, "fetch");
    const trips = async (work: Promise<Response>) => {
      spy.mockClear();
      const response = await work;
      return { trips: spy.mock.calls.length, body: (await response.json()) as unknown };
    };
    const made = await trips(call("POST", "/alerts", ABOVE));
    const { id } = Alert.parse(made.body);
    expect(made.trips).toBe(1);
    expect((await trips(call("PUT", "/alerts", ABOVE))).trips).toBe(1);
    expect((await trips(call("PATCH", `/alerts/${id}`, { note: "n" }))).trips).toBe(1);
    expect((await trips(call("GET", "/alerts"))).trips).toBe(1);
    expect((await trips(call("GET", `/alerts/${id}/history`))).trips).toBe(1);
  });
});
