import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { sessions, users } from "@souk/db/schema/auth";
import { totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { LIMITS } from "../limits.ts";
import { Account } from "../schemas.ts";
import { type SecondFactorCode, type SteppedUp } from "../second-factor-schemas.ts";
import { accountJson } from "./account-json.ts";
import { allowAccount, signedInKey } from "./allow-account.ts";
import { liveSession } from "./live-session.ts";
import { lockAccount } from "./lock-account.ts";
import { Factor, factorJson, proveFactor } from "./prove-factor.ts";
import { signAccessToken } from "./sign-access-token.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";

const Row = z.object({
  user: Account,
  factor: Factor.nullable(),
  failures: z.int().nullable(),
  wait: z.int().nullable(),
});

/** Counts a try of those who are signed in to the account, where a second factor is on; and reads what the code is held against. */
async function tryFactor(context: Context<Env>): Promise<z.infer<typeof Row>> {
  const { userId, sessionId } = requireActor(context);
  const account = allowAccount(context, signedInKey(sql`judged.email`), sql`judged`);
  const { rows } = await context.db.execute(sql`
    WITH person AS (
      SELECT person.* FROM ${users} AS person JOIN ${sessions} ON ${sessions.userId} = person.id
      WHERE ${and(eq(sql`person.id`, userId), eq(sessions.id, sessionId), liveSession(context.now()))}
    ), factor AS (
      SELECT factor.* FROM ${totpFactors} AS factor JOIN person ON person.id = factor.user_id WHERE factor.confirmed_at IS NOT NULL
    ), judged AS (
      SELECT * FROM person WHERE EXISTS (SELECT FROM factor)
    ), account AS (${account.allowed})
    SELECT ${accountJson} AS user, (SELECT failures FROM account) AS failures, (SELECT ${account.wait} FROM judged) AS wait,
      (SELECT ${factorJson} FROM factor) AS factor
    FROM person`);
  const row = Row.safeParse(rows[0]).data;
  if (row === undefined) throw new AppError("unauthorized", "The session has ended. Log in again.");
  return row;
}

/**
 * Lifts the actor's session to assurance level 2 for a day, by a code of the second factor.
 * @throws AppError unauthorized when the session has ended; conflict when no second factor is on; validation_failed (`code`) when it is
 * wrong or was used before; too_many_requests
 */
export async function stepUp(context: Context<Env>, { code }: SecondFactorCode): Promise<SteppedUp> {
  const { userId, sessionId } = requireActor(context);
  const { user, factor, failures, wait } = await tryFactor(context);
  if (factor === null) throw new AppError("conflict", "No second factor is on.");
  if (failures === null) throw tooManyAttempts(wait);
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const live = sql`SELECT id FROM ${sessions} WHERE ${and(eq(sessions.id, sessionId), eq(sessions.userId, userId), liveSession(context.now()))}
    AND EXISTS (SELECT FROM factor) FOR NO KEY UPDATE`;
  const { rows } = await context.db.execute(sql`
    WITH ${await proveFactor(context, factor, code, live)}, forgiven AS (
      DELETE FROM ${accountAttempts} USING proved WHERE account = ${signedInKey(sql`${user.email}`)}
    )
    UPDATE ${sessions} AS session SET second_factor_at = ${now}, updated_at = ${now} FROM proved
    WHERE session.id = ${sessionId}::uuid AND session.user_id = proved.user_id AND session.revoked_at IS NULL
    RETURNING session.id`);
  if (rows.length === 0) {
    await lockAccount(context, user.email, failures);
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field: "code", message: "is wrong, too old or was used before" }],
    });
  }
  const accessToken = await signAccessToken(context, user, sessionId, 2);
  return { accessToken, expiresIn: LIMITS.accessToken, tokenType: "Bearer" };
}
