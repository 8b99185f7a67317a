import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Delivery } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { expect, it } from "vitest";
import { CONNECTIONS, countCalls, INVOCATIONS, largestBatch } from "../../../test/limits/count-calls.ts";
import { watchFetch } from "../../../test/limits/watch-fetch.ts";
import configuration from "../wrangler.toml?raw";
import worker from "./index.ts";

const registered = (userId: string): Delivery => ({
  subscriber: "users",
  event: {
    specversion: "1.0",
    id: uuidv7(new Date()),
    type: "user.registered",
    source: "souk/auth",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    aggregateid: userId,
    version: 1,
    traceparent: null,
    data: { userId },
  },
});

it("consumes its largest batch within the calls and connections of one invocation", async () => {
  const size = largestBatch(configuration);
  const batch = createMessageBatch(
    "users-events",
    Array.from({ length: size }, () => ({
      id: crypto.randomUUID(),
      timestamp: new Date(),
      attempts: 1,
      body: registered(uuidv7(new Date())),
    })),
  );
  const counted = countCalls(env, ["AUTH", "EVENTS"]);
  using watched = watchFetch();
  const executionContext = createExecutionContext();
  await worker.queue(batch, counted.env, executionContext);
  const { explicitAcks } = await getQueueResult(batch, executionContext);
  expect(explicitAcks).toHaveLength(size);
  expect(counted.calls()).toBeGreaterThanOrEqual(size);
  expect(counted.calls() + 1).toBeLessThanOrEqual(INVOCATIONS);
  expect(watched.peak).toBeGreaterThan(0);
  expect(watched.peak).toBeLessThanOrEqual(CONNECTIONS);
});
