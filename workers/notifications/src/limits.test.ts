import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { CONNECTIONS, countCalls, INVOCATIONS, largestBatch } from "../../../test/limits/count-calls.ts";
import { watchFetch } from "../../../test/limits/watch-fetch.ts";
import { alert, consumeWith } from "../test/deliveries.ts";
import configuration from "../wrangler.toml?raw";

it("consumes its largest batch within the calls and connections of one invocation", async () => {
  const size = largestBatch(configuration);
  const deliveries = Array.from({ length: size }, () => alert(crypto.randomUUID()));
  const counted = countCalls(env, ["USER_HUB"]);
  using watched = watchFetch();
  const { explicitAcks } = await consumeWith(counted.env, ...deliveries);
  expect(explicitAcks).toHaveLength(size);
  expect(counted.calls()).toBeGreaterThanOrEqual(size);
  expect(counted.calls() + 1).toBeLessThanOrEqual(INVOCATIONS);
  expect(watched.peak).toBeGreaterThan(0);
  expect(watched.peak).toBeLessThanOrEqual(CONNECTIONS);
});
