import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { users } from "@souk/db/schema/auth";
import { newApiKey } from "@souk/kit/api-key";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { ApiKeyRoll, ApiKeyWithSecret } from "../api-key-schemas.ts";
import type { Env } from "../env.ts";
import { later } from "../limits.ts";
import { apiKeyView } from "./api-key-view.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { provePassword } from "./prove-password.ts";

const noSuchKey = () => new AppError("not_found", "You have no such API key.");

/**
 * Gives one of the actor's API keys a new secret; the present one still counts for a while, an older one no more. Of several requests at
 * once one does it, so that nobody is shown a key that is void already.
 * @returns the new key, this once
 * @throws AppError unauthorized when the session has ended; not_found: no such key, or another's; validation_failed (`password`);
 * second_factor_required; conflict: it has expired, or it or the account was changed at the same time
 */
export async function rollApiKey(
  context: Context<Env>,
  id: string,
  { password, overlapSeconds }: ApiKeyRoll,
): Promise<ApiKeyWithSecret> {
  const { userId } = requireActor(context);
  const { db } = context;
  const now = context.now();
  const own = and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), isNotNull(apiKeys.slot));
  const [present] = await db.select({ hash: apiKeys.hash }).from(apiKeys).where(own);
  if (present === undefined) throw noSuchKey();
  const { passwordVersion } = await provePassword(context, password);
  const { key, hash } = newApiKey(id);
  const at = sql`${now.toISOString()}::timestamptz`;
  const [, [row]] = await db.batch([
    db.execute(sql`
      WITH person AS (
        SELECT id FROM ${users} WHERE id = ${userId}::uuid AND password_version = ${passwordVersion}::int AND status = 'active' FOR SHARE
      ), rolled AS (
        UPDATE ${apiKeys} AS known SET previous_hash = hash, previous_until = ${later(now, overlapSeconds).toISOString()}::timestamptz,
          hash = ${hash}, rolled_at = ${at}, updated_at = ${at}
        FROM person WHERE known.id = ${id}::uuid AND known.user_id = person.id AND hash = ${present.hash} AND revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > ${at})
        RETURNING known.id, known.user_id, known.name
      ), noted AS (${noteSecurityEvent(context, "api_key.rolled", { from: sql`rolled`, userId: sql`user_id`, details: sql`jsonb_build_object('name', name)` })})
      ${appendEvents(context, "api_key.rolled", {
        from: sql`rolled`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', user_id, 'apiKeyId', id)`,
      })}`),
    db
      .select()
      .from(apiKeys)
      .where(and(own, eq(apiKeys.hash, hash))),
  ]);
  if (row === undefined)
    throw new AppError("conflict", "The key has expired, or it or the account was changed at the same time.");
  return { ...apiKeyView(row, now), key };
}
