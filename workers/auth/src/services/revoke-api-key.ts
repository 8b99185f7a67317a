import { apiKeys } from "@souk/db/schema/auth-api-keys";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { noteSecurityEvent } from "./note-security-event.ts";

/**
 * Ends one of the actor's API keys, and the one before it that may still count; one that has ended stays as it is.
 * @throws AppError unauthorized; not_found: no such key, or another's
 */
export async function revokeApiKey(context: Context<Env>, id: string): Promise<void> {
  const { userId } = requireActor(context);
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const [, known] = await context.db.batch([
    context.db.execute(sql`
      WITH revoked AS (
        UPDATE ${apiKeys} SET revoked_at = ${now}, slot = NULL, previous_hash = NULL, previous_until = NULL, updated_at = ${now}
        WHERE id = ${id}::uuid AND user_id = ${userId}::uuid AND revoked_at IS NULL
        RETURNING id, user_id, name
      ), noted AS (${noteSecurityEvent(context, "api_key.revoked", { from: sql`revoked`, userId: sql`user_id`, details: sql`jsonb_build_object('name', name)` })})
      ${appendEvents(context, "api_key.revoked", {
        from: sql`revoked`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', user_id, 'apiKeyId', id)`,
      })}`),
    context.db
      .select({ id: apiKeys.id })
      .from(apiKeys)
      .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId))),
  ]);
  if (known.length === 0) throw new AppError("not_found", "You have no such API key.");
}
