import { env } from "cloudflare:workers";
import type { Delivery } from "@souk/kit/events";
import { describe, expect, it } from "vitest";
import { CONNECTIONS, countCalls, INVOCATIONS, largestBatch } from "../../../test/limits/count-calls.ts";
import { watchFetch } from "../../../test/limits/watch-fetch.ts";
import { consumeAll, delivery } from "../test/deliveries.ts";
import { person } from "../test/person.ts";
import configuration from "../wrangler.toml?raw";

const BOUND = [
  "CONVERSATION",
  "ROOM",
  "ERASER",
  "ROOM_CLOSER",
  "REGISTER",
  "USERS",
  "NOTIFICATIONS",
  "AUTH",
  "EVENTS",
];
/** As many as a hub remembers. */
const ROOMS = Array.from({ length: 1_000 }, () => crypto.randomUUID());

const [ada, bob] = [person(), person()];
const [userId, otherId] = [ada.userId, bob.userId];
const EVENTS: [string, () => Delivery][] = [
  [
    "a session that ends in a thousand rooms",
    () => delivery("session.revoked", { userId, sessionId: ada.sessionId, reason: "logout" }),
  ],
  ["a block", () => delivery("user.blocked", { userId, otherId })],
  ["a block taken back", () => delivery("user.unblocked", { userId, otherId })],
  ["a friendship that ends", () => delivery("friend.removed", { userId, otherId })],
  ["an erasure", () => delivery("person.erasure_requested", { userId, erasureId: crypto.randomUUID() })],
  ["a copy", () => delivery("person.export_requested", { userId, exportId: crypto.randomUUID() })],
];

describe("its largest batch is within the calls and connections of one invocation", () => {
  it.each(EVENTS)("%s", async (_, made) => {
    const size = largestBatch(configuration);
    const NOTIFICATIONS = { roomsOf: async () => ROOMS, unwatch: async () => {} };
    const counted = countCalls({ ...env, NOTIFICATIONS }, BOUND);
    using watched = watchFetch();
    const { explicitAcks } = await consumeAll(Array.from({ length: size }, made), counted.env);
    expect(explicitAcks).toHaveLength(size);
    expect(counted.calls()).toBeGreaterThan(0);
    expect(counted.calls() + 1).toBeLessThanOrEqual(INVOCATIONS);
    expect(watched.peak).toBeLessThanOrEqual(CONNECTIONS);
  });
});
