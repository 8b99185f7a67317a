import { createHash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { sqlState } from "@souk/db/client";
import type { IdempotencyKeys } from "@souk/db/idempotency";
import { sql, type SQL } from "drizzle-orm";
import type { BaseEnv } from "./config.ts";
import type { Context } from "./context.ts";
import { AppError } from "./errors.ts";
import { problem } from "./route.ts";

/** How long an answer is kept for its key, and how many that are older are removed with each new one. */
const KEPT_MS = 24 * 3_600_000;
const SWEPT = 10;

/** Marks an answer that was given before. */
export const REPLAYED_HEADER = "idempotent-replayed";

/** The header of a route that takes a key; with `.optional()` where nothing is lost when a request is sent twice. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, "1 to 255 visible ASCII characters")
  .openapi({
    description:
      "Makes a repeat safe: with the same key and body it is answered as before, without a second effect. Kept for 24 hours; each route and caller has keys of its own.",
    example: "0b4f8b1e-6b0c-4f57-9d0a-2f5f0c9f3f61",
  });

/** The answers that a route has because it takes a key. */
export const IDEMPOTENT_PROBLEMS = {
  422: problem("The `Idempotency-Key` was used with another body"),
};

/** Declares the marking header with the answer that may be a replay. */
export const REPLAYABLE = z.object({
  [REPLAYED_HEADER]: z
    .literal("true")
    .optional()
    .openapi({ description: "Present when the answer is a replay" }),
});

/** A request that carries a key. */
export interface KeyedRequest {
  /** The route's operation id. */
  route: string;
  key: string;
  /** The body as it was sent. */
  payload: unknown;
}

/** JSON with sorted keys, so that the order in which a client writes its fields does not matter. */
const canonical = (payload: unknown): string =>
  JSON.stringify(payload, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

const fingerprintOf = (payload: unknown): string =>
  createHash("sha256").update(canonical(payload)).digest("hex");

const Kept = z.object({ fingerprint: z.string(), answer: z.record(z.string(), z.unknown()) });
const LOCK_NOT_AVAILABLE = "55P03";

/** Repeats that come together wait for one another, and do not wear each other out; who holds it longer is truly under way. */
const LOCK_WAIT_MS = 500;

/**
 * Runs a verb's effect, in one transaction and one round trip; with a key, once for that key: the effect and what it answered are stored together.
 * While the first request is under way it holds a lock that ends with its transaction, so a crash leaves nothing behind. An effect that gives no
 * row stores nothing.
 * @param keys the table of the verb's own service
 * @param work.callerId whose key it is
 * @param work.request undefined when the caller sent no key
 * @param work.before statements that the transaction begins with, e.g. locks
 * @param work.effect the statement, given a condition that it must not act without
 * @returns the effect's one row, undefined when it gave none, and whether it is the row of an earlier request
 * @throws AppError request_in_flight, idempotency_key_reused
 */
export async function once<Env extends z.infer<typeof BaseEnv>>(
  context: Context<Env>,
  keys: IdempotencyKeys,
  work: { callerId: string; request: KeyedRequest | undefined; before: SQL; effect: (when: SQL) => SQL },
): Promise<{ row: Record<string, unknown> | undefined; replayed: boolean }> {
  const { db } = context;
  if (work.request === undefined) {
    const [, made] = await db.batch([db.execute(work.before), db.execute(work.effect(sql`true`))]);
    return { row: made.rows[0], replayed: false };
  }
  const { route, key, payload } = work.request;
  const fingerprint = fingerprintOf(payload);
  const now = context.now();
  const at = sql`${now.toISOString()}::timestamptz`;
  const expired = sql`${new Date(now.getTime() - KEPT_MS).toISOString()}::timestamptz`;
  const scope = sql`k.caller_id = ${work.callerId}::uuid AND k.route = ${route} AND k.key = ${key}`;
  const kept = sql`SELECT k.fingerprint, k.answer FROM ${keys} k WHERE ${scope} AND k.created_at > ${expired}`;
  try {
    const [, , , , made, stored] = await db.batch([
      db.execute(sql.raw(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`)),
      db.execute(
        sql`SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'idempotency', ${work.callerId}::text, ${route}::text, ${key}::text), 0))`,
      ),
      db.execute(sql`SET LOCAL lock_timeout TO DEFAULT`),
      db.execute(work.before),
      db.execute(sql`WITH effect AS (${work.effect(sql`NOT EXISTS (${kept})`)}), kept AS (
          INSERT INTO ${keys} (caller_id, route, key, fingerprint, answer, created_at)
          SELECT ${work.callerId}::uuid, ${route}, ${key}, ${fingerprint}, to_jsonb(effect), ${at} FROM effect
          ON CONFLICT (caller_id, route, key) DO UPDATE SET fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = excluded.created_at)
        SELECT * FROM effect`),
      db.execute(kept),
      db.execute(sql`DELETE FROM ${keys} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ${keys} WHERE created_at <= ${expired} ORDER BY created_at LIMIT ${SWEPT} FOR UPDATE SKIP LOCKED))`),
    ]);
    const [earlier] = stored.rows;
    if (made.rows[0] !== undefined || earlier === undefined) return { row: made.rows[0], replayed: false };
    const { fingerprint: first, answer } = Kept.parse(earlier);
    if (first !== fingerprint)
      throw new AppError("idempotency_key_reused", "This `Idempotency-Key` was used with another body.");
    return { row: answer, replayed: true };
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE)
      throw new AppError("request_in_flight", "A request with this `Idempotency-Key` is under way.", {
        retryAfter: 1,
        cause: error,
      });
    throw error;
  }
}
