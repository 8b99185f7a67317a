import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, inject, it } from "vitest";
import { CONNECTIONS, countCalls, INVOCATIONS, largestBatch } from "../../../test/limits/count-calls.ts";
import { watchFetch } from "../../../test/limits/watch-fetch.ts";
import { deliveryOf, newId } from "../test/deliver.ts";
import configuration from "../wrangler.toml?raw";
import worker from "./index.ts";

Object.assign(env, { SMTP_PORT: String(inject("mail").sound.port) });
const triggered = () =>
  deliveryOf("alert.triggered", {
    alertId: newId(),
    historyId: newId(),
    userId: newId(),
    metal: "XAU",
    currency: "USD",
    type: "above",
    threshold: "1000",
    unit: "toz",
    karat: 24,
    price: "1043.155",
    note: null,
    quotedAt: "2009-11-02T12:00:00.000Z",
    triggeredAt: "2009-11-02T12:00:01.000Z",
  });

it("mails its largest batch within the calls and connections of one invocation", async () => {
  const size = largestBatch(configuration);
  const batch = createMessageBatch(
    "email-bulk",
    Array.from({ length: size }, () => ({
      id: newId(),
      timestamp: new Date(),
      attempts: 1,
      body: triggered(),
    })),
  );
  const counted = countCalls(env, ["AUTH", "NOTIFICATIONS", "EVENTS"]);
  using watched = watchFetch();
  const executionContext = createExecutionContext();
  await worker.queue(batch, counted.env, executionContext);
  const { explicitAcks } = await getQueueResult(batch, executionContext);
  expect(explicitAcks).toHaveLength(size);
  // Two owners are asked for each mail; `events` is woken once for all.
  expect(counted.calls()).toBe(2 * size + 1);
  expect(counted.calls() + 1).toBeLessThanOrEqual(INVOCATIONS);
  // Each mail under way may hold a connection to the mail server besides.
  expect(watched.peak).toBeGreaterThan(0);
  expect(2 * watched.peak).toBeLessThanOrEqual(CONNECTIONS);
});
