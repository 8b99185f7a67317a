import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { erasures } from "@souk/db/schema/auth-account-life";
import { users } from "@souk/db/schema/auth";
import type { Delivery } from "@souk/kit/events";
import { eq } from "drizzle-orm";
import worker from "../src/index.ts";
import { formatScrypt, scryptBytes } from "../src/services/scrypt-hash.ts";
import { actorHeader, contextAt, owner, PASSWORD } from "./actions.ts";

export const DAY_MS = 86_400_000;

/** A request of the holder of an access token, as the gateway would forward it. */
export const callAs = (accessToken: string, method: string, path: string, body: unknown): Promise<Response> =>
  exports.default.fetch(`https://souk.test/api/v1/auth/${path}`, {
    method,
    headers: { "content-type": "application/json", ...actorHeader(accessToken) },
    body: JSON.stringify(body),
  });

export const deleteAccountOf = (accessToken: string, password = PASSWORD): Promise<Response> =>
  callAs(accessToken, "DELETE", "account", { password });

/** What a service answers to a request for erasure. */
export function erasedBy(
  service: string,
  erasure: { userId: string; erasureId: string },
  counts: Record<string, number>,
): Delivery {
  return {
    subscriber: "auth",
    event: {
      specversion: "1.0",
      id: contextAt().newId(),
      type: "person.data_erased",
      source: `souk/${service}`,
      time: new Date().toISOString(),
      datacontenttype: "application/json",
      aggregateid: erasure.userId,
      version: 1,
      traceparent: null,
      data: { ...erasure, counts },
    },
  };
}

/** Has the Worker consume deliveries as one batch. @returns how many it acknowledged */
export async function consumeAll(...deliveries: Delivery[]): Promise<number> {
  const batch = createMessageBatch<Delivery>(
    "auth-events",
    deliveries.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const executionContext = createExecutionContext();
  await worker.queue(batch, env, executionContext);
  return (await getQueueResult(batch, executionContext)).explicitAcks.length;
}

export const accountOf = async (userId: string) =>
  (await owner.select().from(users).where(eq(users.id, userId)))[0];

export const erasureOf = async (userId: string) =>
  (await owner.select().from(erasures).where(eq(erasures.userId, userId)))[0];

/**
 * Stores PASSWORD with a hash that takes little to compare, and is outdated: for many requests at once, which would else wait for each
 * other's hashing longer than the database is waited for.
 */
export async function cheapenPassword(userId: string): Promise<string> {
  const cost = { ln: 10, r: 8, p: 1 };
  const salt = new Uint8Array(16);
  const passwordHash = formatScrypt({ ...cost, salt, hash: await scryptBytes(PASSWORD, salt, 32, cost) });
  await owner.update(users).set({ passwordHash }).where(eq(users.id, userId));
  return passwordHash;
}
