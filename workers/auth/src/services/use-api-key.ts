import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { users } from "@souk/db/schema/auth";
import { ROLES } from "@souk/kit/actor";
import type { Context } from "@souk/kit/context";
import type { KnownApiKey } from "@souk/kit/rpc";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { notBanned } from "./not-banned.ts";
import { StoredMoment } from "./stored-moment.ts";

const moment = StoredMoment.transform((at) => at.toISOString());
const Row = z.object({
  found: z.object({
    userId: z.uuid(),
    email: z.string(),
    role: z.enum(ROLES),
    scopes: z.array(z.string()),
    state: z.enum(["active", "expired", "revoked", "disabled"]),
    expiresAt: moment.nullable(),
    hash: z.string(),
    previous: z.object({ hash: z.string(), until: moment }).nullable(),
  }),
});

/**
 * An API key as the gateway is to judge it. The use of a good one is written down, at most once a minute: so many at once write once.
 * @param hash of the key that was sent
 * @returns null when there is no such key
 */
export async function useApiKey(
  context: Context<Env>,
  id: string,
  hash: string,
): Promise<KnownApiKey | null> {
  const at = context.now();
  const now = sql`${at.toISOString()}::timestamptz`;
  const { rows } = await context.db.execute(sql`
    WITH known AS (
      SELECT api_key.*, person.email, person.role, CASE
        WHEN api_key.revoked_at IS NOT NULL THEN 'revoked' WHEN api_key.expires_at <= ${now} THEN 'expired'
        WHEN person.status = 'active' AND ${notBanned(at)} THEN 'active' ELSE 'disabled' END AS state
      FROM ${apiKeys} AS api_key JOIN ${users} AS person ON person.id = api_key.user_id WHERE api_key.id = ${id}::uuid
    ), used AS (
      UPDATE ${apiKeys} AS api_key SET last_used_at = ${now} FROM known
      WHERE api_key.id = known.id AND known.state = 'active'
        AND (api_key.hash = ${hash} OR (api_key.previous_hash = ${hash} AND api_key.previous_until > ${now}))
        AND (api_key.last_used_at IS NULL OR api_key.last_used_at <= ${later(at, -LIMITS.apiKeyUse).toISOString()}::timestamptz)
    )
    SELECT jsonb_build_object('userId', user_id, 'email', email, 'role', role, 'scopes', scopes, 'state', state, 'expiresAt', expires_at,
      'hash', hash, 'previous', CASE WHEN previous_until > ${now} THEN jsonb_build_object('hash', previous_hash, 'until', previous_until) END) AS found
    FROM known`);
  return rows.length === 0 ? null : Row.parse(rows[0]).found;
}
