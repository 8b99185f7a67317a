import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { eventually, request } from "../http.ts";
import { newPerson } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { deliveriesOf, eventQueues } from "./queues.ts";
import { logLines, newWatcher, ONCE, poll, query, sweep, tick, told } from "./watcher.ts";

const AWAY_MS = 10_000;

it("the database is away for 10 s in the middle of everything: it is said, and nothing is lost or doubled", async () => {
  const { neon, prices } = await testPlatform();
  const person = await newPerson();
  const before = await newWatcher(person);
  await tick();
  const [triggered] = await eventually("the event", async () => {
    const found = await deliveriesOf(before.alertId);
    return found.length > 0 ? found : undefined;
  });
  if (triggered === undefined) throw new Error("an event was expected");
  expect(await told(before)).toEqual(ONCE);
  // A drain that died after sending: the same event is on the queues again, and in the log as unsent.
  await query("UPDATE events.log SET sent_at = NULL, claimed_until = NULL WHERE id = $1", [
    triggered.event.id,
  ]);
  const during = await newWatcher(person);
  const queues = await eventQueues();
  prices.tick();

  const begun = performance.now();
  neon.setAway(true);
  try {
    await queues.NOTIFICATIONS_QUEUE.send(triggered);
    await queues.EMAIL_BULK_QUEUE.send({ ...triggered, subscriber: "email-bulk" });
    await Promise.allSettled([poll(), sweep()]);
    const { status, headers, json } = await request("GET", "/api/v1/alerts", { token: person.accessToken });
    expect(status).toBeGreaterThanOrEqual(500);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(json).toMatchObject({ requestId: expect.any(String), code: expect.any(String) });
    await eventually("both consumers say so", async () => {
      const lines = await logLines("event will be retried", triggered.event.id);
      return ["notifications", "email"].every((name) =>
        lines.some((line) => line.includes(`"service":"${name}"`)),
      )
        ? true
        : undefined;
    });
    await wait(AWAY_MS - (performance.now() - begun));
  } finally {
    neon.setAway(false);
  }
  expect(await logLines("cron failed", '"service":"alerts"')).not.toEqual([]);
  expect(await logLines("cron failed", '"service":"events"')).not.toEqual([]);

  await poll();
  await sweep();
  expect(await told(during)).toEqual(ONCE);
  await eventually(
    "the deliveries of the time without a database",
    async () => ((await logLines("event consumed", triggered.event.id)).length >= 6 ? true : undefined),
    90_000,
  );
  expect(await told(before)).toEqual(ONCE);
}, 180_000);
