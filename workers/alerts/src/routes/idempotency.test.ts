import { env, exports } from "cloudflare:workers";
import { createSouk } from "@souk/client";
import { withTransaction } from "@souk/db/client";
import { alerts, idempotencyKeys } from "@souk/db/schema/alerts";
import { REPLAYED_HEADER } from "@souk/kit/idempotency";
import { uuidv7 } from "@souk/kit/ids";
import { Problem } from "@souk/kit/problem";
import { asc, eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { atTime } from "../../test/at-time.ts";
import { person } from "../../test/person.ts";
import { Alert, NewAlert } from "../schemas.ts";
import { createAlert } from "../services/create-alert.ts";

const db = ownerDatabase();
const ABOVE = { metal: "XAU", currency: "USD", type: "above", threshold: "1000.50" };
const HOUR = 3_600_000;

const newKey = () => crypto.randomUUID();
const post = ({ call }: ReturnType<typeof person>, key: string, body: unknown) =>
  call("POST", "/alerts", body, { "idempotency-key": key });
const codeOf = async (response: Response) => Problem.parse(await response.json()).code;
const thresholdsOf = async (userId: string) => {
  const rows = await db.select().from(alerts).where(eq(alerts.userId, userId)).orderBy(asc(alerts.id));
  return rows.map(({ threshold }) => threshold);
};

describe("POST /alerts with an Idempotency-Key", () => {
  it("answers a repeat with the same status and body, marked, without a second effect", async () => {
    const ada = person();
    const key = newKey();
    const first = await post(ada, key, ABOVE);
    expect([first.status, first.headers.get(REPLAYED_HEADER)]).toEqual([201, null]);
    const body = await first.text();
    await ada.call("PATCH", `/alerts/${Alert.parse(JSON.parse(body)).id}`, { threshold: "7" });
    const { type, ...rest } = ABOVE;
    const again = await post(ada, key, { ...rest, type });
    expect([again.status, again.headers.get(REPLAYED_HEADER)]).toEqual([201, "true"]);
    expect(await again.text()).toBe(body);
    expect(await thresholdsOf(ada.userId)).toEqual(["7"]);
  });

  it("refuses another body under the same key", async () => {
    const ada = person();
    const key = newKey();
    await post(ada, key, ABOVE);
    const other = await post(ada, key, { ...ABOVE, threshold: "2" });
    expect(other.status).toBe(422);
    expect(await codeOf(other)).toBe("idempotency_key_reused");
    expect(await thresholdsOf(ada.userId)).toEqual(["1000.50"]);
  });

  it("is scoped by caller", async () => {
    const [ada, bob, key] = [person(), person(), newKey()];
    const answers = [await post(ada, key, ABOVE), await post(bob, key, { ...ABOVE, threshold: "2" })];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(await thresholdsOf(bob.userId)).toEqual(["2"]);
  });

  it("keeps nothing of a request that was refused", async () => {
    const ada = person();
    const key = newKey();
    const taken = { ...ABOVE, clientId: "a" };
    const { id } = Alert.parse(await (await post(ada, newKey(), taken)).json());
    expect((await post(ada, key, { ...ABOVE, threshold: "-1" })).status).toBe(400);
    expect(await codeOf(await post(ada, key, taken))).toBe("conflict");
    await ada.call("DELETE", `/alerts/${id}`);
    expect((await post(ada, key, taken)).status).toBe(201);
  });

  it.each(["", "a b", "x".repeat(256), "ü"])("refuses the key %j", async (key) => {
    const answer = await post(person(), key, ABOVE);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ details: [{ field: "Idempotency-Key" }] });
  });

  it("creates one alert for 20 callers at once: the others get it too, or hear that it is under way", async () => {
    const ada = person();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(ada, key, ABOVE)));
    const bodies = new Set<string>();
    for (const answer of answers) {
      if (answer.status === 201) bodies.add(await answer.text());
      else {
        expect([answer.status, answer.headers.get("retry-after")]).toEqual([409, "1"]);
        expect(await codeOf(answer)).toBe("request_in_flight");
      }
    }
    expect(bodies.size).toBe(1);
    expect(
      answers.filter(({ status, headers }) => status === 201 && headers.get(REPLAYED_HEADER) === null),
    ).toHaveLength(1);
    expect(await thresholdsOf(ada.userId)).toHaveLength(1);
  });

  it("answers 409 while the first is under way, and replays once it is done", async () => {
    const ada = person();
    const key = newKey();
    const held = Promise.withResolvers<void>();
    // What the first request holds until its transaction ends.
    const taken = Promise.withResolvers<void>();
    const inFlight = withTransaction(env.DATABASE_URL, inject("neon"), async (transaction) => {
      await transaction.execute(
        sql`SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'idempotency', ${ada.userId}::text, 'createAlert', ${key}::text), 0))`,
      );
      taken.resolve();
      await held.promise;
    });
    await taken.promise;
    const early = await post(ada, key, ABOVE);
    held.resolve();
    await inFlight;
    expect(await codeOf(early)).toBe("request_in_flight");
    expect((await post(ada, key, ABOVE)).status).toBe(201);
  });

  it("is forgotten after 24 hours, and the row removed by a later request", async () => {
    const userId = uuidv7(new Date());
    const alert = NewAlert.parse(ABOVE);
    const began = Date.parse("2024-01-02T12:00:00Z");
    const at = (ms: number, key: string) =>
      createAlert(atTime(new Date(began + ms), { userId }), alert, {
        route: "createAlert",
        key,
        payload: ABOVE,
      });
    expect((await at(0, "a")).replayed).toBe(false);
    expect((await at(24 * HOUR - 1, "a")).replayed).toBe(true);
    expect((await at(24 * HOUR, "a")).replayed).toBe(false);
    await at(48 * HOUR, "b");
    const kept = await db.select().from(idempotencyKeys).where(eq(idempotencyKeys.callerId, userId));
    expect(kept.map(({ key }) => key)).toEqual(["b"]);
  });

  it("keeps to the model for any sequence of requests (invariant 10)", async () => {
    const step = fc.record({ key: fc.constantFrom("k1", "k2", "k3"), threshold: fc.constantFrom("1", "2") });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const ada = person();
        const first = new Map<string, { threshold: string; body: string }>();
        for (const { key, threshold } of steps) {
          const answer = await post(ada, key, { ...ABOVE, threshold });
          const before = first.get(key);
          const body = await answer.text();
          const expected = before === undefined || before.threshold === threshold ? 201 : 422;
          expect(answer.status).toBe(expected);
          if (before?.threshold === threshold) expect(body).toBe(before.body);
          if (before === undefined) first.set(key, { threshold, body });
        }
        expect(await thresholdsOf(ada.userId)).toEqual([...first.values()].map(({ threshold }) => threshold));
      }),
      { numRuns: 20 },
    );
  });
});

it("is what the client sends by itself: 20 repeats by 20 clients of one key end with one alert", async () => {
  const ada = person();
  const key = newKey();
  const calls = Array.from({ length: 20 }, () =>
    createSouk({
      baseUrl: "https://souk.test",
      fetch: (request) => {
        request.headers.set(...ada.identity);
        return exports.default.fetch(request);
      },
    }).POST("/api/v1/alerts", {
      body: { metal: "XAU", currency: "USD", type: "above", threshold: "5" },
      params: { header: { "Idempotency-Key": key } },
    }),
  );
  const ids = (await Promise.all(calls)).map(({ data }) => data.id);
  expect(new Set(ids).size).toBe(1);
  expect(await thresholdsOf(ada.userId)).toEqual(["5"]);
});
