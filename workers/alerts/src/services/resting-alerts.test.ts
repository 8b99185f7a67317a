import { alerts, presences } from "@souk/db/schema/alerts";
import { digestOf } from "@souk/db/erased";
import { uuidv7 } from "@souk/kit/ids";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atTime } from "../../test/at-time.ts";
import { deliver, delivery } from "../../test/deliver.ts";
import { create, db, firedValues, minutes, newPair, stateOf, store, tick } from "../../test/market.ts";
import { evaluateAlerts } from "./evaluate-alerts.ts";

/** What tells that a person left or returned; leavings and returns take turns. */
const told = (userId: string, change: number) => {
  if (change % 2 === 0) return delivery("account.returned", { userId, change });
  return change % 4 === 1
    ? delivery("account.deactivated", { userId, change })
    : delivery("account.deletion_requested", { userId, change, deleteAfter: new Date().toISOString() });
};

const newPerson = () => uuidv7(new Date());
const restingOf = async (userId: string) => {
  const rows = await db.select({ resting: alerts.resting }).from(alerts).where(eq(alerts.userId, userId));
  return rows.map(({ resting }) => resting);
};

describe.each([1, 3])("the alerts of a person who left (change %i)", (left) => {
  it("fire at nothing, are not spent, and go on with what is new after the return", async () => {
    const [pair, userId] = [newPair(), newPerson()];
    await tick(pair, "95", minutes(0));
    const [crossed, ahead, below, other] = [
      await create(pair, {}, userId),
      await create(pair, { threshold: "120", mode: "recurring" }, userId),
      await create(pair, { type: "below", threshold: "90" }, userId),
      await create(pair, {}),
    ];
    expect(await deliver(told(userId, left))).toBe(1);
    await tick(pair, "130", minutes(5));
    await tick(pair, "80", minutes(10));
    await tick(pair, "110", minutes(15));
    // Not yet evaluated when the person returns: it was quoted before.
    await store(pair, "111", minutes(20));
    expect(await deliver(told(userId, left + 1))).toBe(1);
    await evaluateAlerts(atTime(minutes(20)));
    for (const alert of [crossed, ahead, below]) expect(await firedValues(alert.id)).toEqual([]);
    expect(await firedValues(other.id)).toEqual(["130"]);
    expect(await stateOf(crossed.id)).toEqual({ state: "waiting", active: true });
    expect(await stateOf(ahead.id)).toEqual({ state: "armed", active: true });

    await tick(pair, "112", minutes(25));
    expect(await firedValues(crossed.id)).toEqual([]);
    await tick(pair, "121", minutes(30));
    expect(await firedValues(ahead.id)).toEqual(["121"]);
    await tick(pair, "85", minutes(35));
    expect(await firedValues(below.id)).toEqual(["85"]);
    await tick(pair, "101", minutes(40));
    expect(await firedValues(crossed.id)).toEqual(["101"]);
  });
});

it("what waited and has recovered meanwhile is armed by the return, once the cooldown is over; what is paused stays", async () => {
  const [pair, userId] = [newPair(), newPerson()];
  const again = { mode: "recurring", hysteresisPercent: 1 };
  const [soon, slow] = [
    await create(pair, { ...again, cooldownSeconds: 0 }, userId),
    await create(pair, { ...again, cooldownSeconds: 86_400 }, userId),
  ];
  const paused = await create(pair, { threshold: "50", start: "now" }, userId);
  await db.update(alerts).set({ active: false }).where(eq(alerts.id, paused.id));
  const at = Date.now();
  const ago = (ms: number) => new Date(at - ms);
  await tick(pair, "105", ago(900_000));
  await deliver(told(userId, 1));
  await tick(pair, "98", ago(600_000));
  expect((await stateOf(soon.id))?.state).toBe("waiting");
  await deliver(told(userId, 2));
  expect((await stateOf(soon.id))?.state).toBe("armed");
  expect((await stateOf(slow.id))?.state).toBe("waiting");
  expect(await stateOf(paused.id)).toEqual({ state: "armed", active: false });
  await tick(pair, "101", ago(300_000));
  expect(await firedValues(soon.id)).toEqual(["105", "101"]);
  expect(await firedValues(slow.id)).toEqual(["105"]);
});

it("without a price the alerts go on as they were", async () => {
  const [pair, userId] = [newPair(), newPerson()];
  const alert = await create(pair, {}, userId);
  await deliver(told(userId, 1));
  await deliver(told(userId, 2));
  expect(await stateOf(alert.id)).toEqual({ state: "armed", active: true });
  await tick(pair, "101", minutes(0));
  expect(await firedValues(alert.id)).toEqual(["101"]);
});

it("an alert set in the moment of leaving rests too", async () => {
  const [pair, userId] = [newPair(), newPerson()];
  await deliver(told(userId, 1));
  const late = await create(pair, {}, userId);
  await tick(pair, "101", minutes(0));
  expect(await firedValues(late.id)).toEqual([]);
  await deliver(told(userId, 2));
  expect(await restingOf(userId)).toEqual([false]);
});

it("in any order and however often delivered, the last change counts", async () => {
  const deliveries = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(deliveries, async (changes) => {
      const userId = newPerson();
      await create(newPair(), {}, userId);
      for (const change of changes) expect(await deliver(told(userId, change))).toBe(1);
      expect(await restingOf(userId)).toEqual([Math.max(...changes) % 2 === 1]);
    }),
    { numRuns: 20 },
  );
});

it("twenty changes at once end as the last one, while prices come in", async () => {
  const [pair, userId] = [newPair(), newPerson()];
  for (let n = 0; n < 5; n += 1)
    await create(pair, { mode: "recurring", threshold: String(100 + n) }, userId);
  await tick(pair, "50", minutes(0));
  const changes = Array.from({ length: 20 }, (_, n) => told(userId, ((n * 7) % 20) + 1));
  const [acknowledged] = await Promise.all([
    Promise.all(changes.map(async (change) => deliver(change))),
    (async () => {
      for (let n = 1; n < 6; n += 1) await tick(pair, n % 2 === 1 ? "150" : "50", minutes(5 * n));
    })(),
  ]);
  expect(acknowledged).toEqual(Array(20).fill(1));
  expect(await restingOf(userId)).toEqual(Array(5).fill(false));
  await deliver(told(userId, 21), told(userId, 5), told(userId, 20));
  expect(await restingOf(userId)).toEqual(Array(5).fill(true));
});

it("a return is not lost to the leaving that it comes with", async () => {
  const pair = newPair();
  const people = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const userId = newPerson();
      for (let n = 0; n < 3; n += 1) await create(pair, {}, userId);
      return userId;
    }),
  );
  for (const userId of people)
    await Promise.all([1, 2, 1, 2].map(async (change) => deliver(told(userId, change))));
  for (const userId of people) expect(await restingOf(userId)).toEqual([false, false, false]);
});

it("keeps a digest of who left, not the person", async () => {
  const userId = newPerson();
  await deliver(told(userId, 1));
  expect(await db.$count(presences, eq(presences.person, sql`${digestOf(userId)}`))).toBe(1);
  expect(await db.$count(presences, eq(presences.person, userId))).toBe(0);
});
