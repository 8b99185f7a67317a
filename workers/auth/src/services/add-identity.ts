import { identities } from "@souk/db/schema/auth-identities";
import { brokenConstraint } from "@souk/db/client";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import type { ProvedIdentity } from "./prove-identity.ts";

/**
 * SQL that links an identity, for a CTE of one row. The statement breaks `identities_subject_key` when the identity is somebody's
 * already, and `identities_user_key` when the person has another one of this provider.
 * @param from a CTE with the column `id`, of one row or of none: then nothing is linked
 */
export function addIdentity(context: Context, identity: ProvedIdentity, from: SQL): SQL {
  const { provider, subject, email, sealedRefreshToken } = identity;
  const now = sql`${context.now().toISOString()}::timestamptz`;
  return sql`INSERT INTO ${identities} (id, user_id, provider, subject, email, sealed_refresh_token, created_at, last_used_at)
    SELECT ${context.newId()}::uuid, id, ${provider.id}, ${subject}, ${email}, ${sealedRefreshToken}, ${now}, ${now} FROM ${from}
    RETURNING id, user_id, created_at`;
}

interface Outcome {
  /** Which of its keys the statement broke, in which case it changed nothing. */
  broken: "identities_subject_key" | "identities_user_key" | null;
  rows: unknown[];
}

/** Waits for a statement with `addIdentity`. */
export async function unlessTaken(statement: PromiseLike<{ rows: unknown[] }>): Promise<Outcome> {
  try {
    return { broken: null, rows: (await statement).rows };
  } catch (error) {
    const broken = brokenConstraint(error);
    if (broken === "identities_subject_key" || broken === "identities_user_key") return { broken, rows: [] };
    throw error;
  }
}
