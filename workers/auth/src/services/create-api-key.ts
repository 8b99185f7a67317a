import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { users } from "@souk/db/schema/auth";
import { newApiKey } from "@souk/kit/api-key";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { and, eq, sql } from "drizzle-orm";
import type { ApiKeyWithSecret, NewApiKey } from "../api-key-schemas.ts";
import type { Env } from "../env.ts";
import { LIMITS } from "../limits.ts";
import { apiKeyView } from "./api-key-view.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { provePassword } from "./prove-password.ts";

/**
 * Gives the actor a new API key. Each key has one of the person's places, so that no number of requests at once makes more of them; the
 * account's row is locked, so that they take one place after the other.
 * @returns the key, this once
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`, or `expiresAt` in the past); second_factor_required;
 * limit_reached; conflict when the account was changed at the same time
 */
export async function createApiKey(context: Context<Env>, input: NewApiKey): Promise<ApiKeyWithSecret> {
  const now = context.now();
  const expiresAt = input.expiresAt ?? null;
  if (expiresAt !== null && Date.parse(expiresAt) <= now.getTime())
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field: "expiresAt", message: "is not in the future" }],
    });
  const { userId, passwordVersion } = await provePassword(context, input.password);
  const id = context.newId();
  const { key, hash } = newApiKey(id);
  const at = sql`${now.toISOString()}::timestamptz`;
  const { db } = context;
  const [owners, , rows] = await db.batch([
    db
      .select({ id: users.id })
      .from(users)
      .where(
        and(eq(users.id, userId), eq(users.passwordVersion, passwordVersion), eq(users.status, "active")),
      )
      .for("no key update"),
    db.execute(sql`
      WITH place AS (
        SELECT min(number) AS slot FROM generate_series(1, ${LIMITS.apiKeys}::int) AS number
        WHERE NOT EXISTS (SELECT FROM ${apiKeys} AS known WHERE known.user_id = ${userId}::uuid AND known.slot = number)
      ), created AS (
        INSERT INTO ${apiKeys} (id, user_id, slot, name, scopes, hash, expires_at, created_at, updated_at)
        SELECT ${id}::uuid, person.id, place.slot, ${input.name}, ARRAY[${sql.join(
          input.scopes.map((scope) => sql`${scope}`),
          sql`, `,
        )}]::text[], ${hash}, ${expiresAt}::timestamptz, ${at}, ${at}
        FROM ${users} AS person, place
        WHERE person.id = ${userId}::uuid AND person.password_version = ${passwordVersion}::int AND person.status = 'active'
          AND place.slot IS NOT NULL
        RETURNING id, user_id, name
      ), noted AS (${noteSecurityEvent(context, "api_key.created", { from: sql`created`, userId: sql`user_id`, details: sql`jsonb_build_object('name', name)` })})
      ${appendEvents(context, "api_key.created", {
        from: sql`created`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', user_id, 'apiKeyId', id)`,
      })}`),
    db.select().from(apiKeys).where(eq(apiKeys.id, id)),
  ]);
  if (owners.length === 0)
    throw new AppError("conflict", "The account was changed elsewhere at the same time.");
  const [row] = rows;
  if (row === undefined)
    throw new AppError("limit_reached", `You have ${LIMITS.apiKeys} API keys. Revoke one first.`);
  return { ...apiKeyView(row, now), key };
}
