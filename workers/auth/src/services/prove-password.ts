import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { allowAccount, signedInKey } from "./allow-account.ts";
import { forgetFailures } from "./forget-failures.ts";
import { liveSession } from "./live-session.ts";
import { lockAccount } from "./lock-account.ts";
import { hasSecondFactor, requireAssurance } from "./require-assurance.ts";
import { StoredMoment } from "./stored-moment.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";
import { verifyPassword } from "./verify-password.ts";

const Row = z.object({
  email: z.string(),
  passwordHash: z.string().nullable(),
  passwordVersion: z.int(),
  secondFactor: z.boolean(),
  openedAt: StoredMoment,
  failures: z.int().nullable(),
  wait: z.int().nullable(),
});

/** Counts a try of those who are signed in to the account, unless a second factor must come first or there is no password; and reads what it is held against. */
async function tryPassword(context: Context<Env>): Promise<z.infer<typeof Row>> {
  const { userId, sessionId, aal } = requireActor(context);
  const account = allowAccount(context, signedInKey(sql`judged.email`), sql`judged`);
  const { rows } = await context.db.execute(sql`
    WITH person AS (
      SELECT person.*, ${sessions.createdAt} AS opened_at, ${hasSecondFactor(sql`person.id`)} AS second_factor
      FROM ${users} AS person JOIN ${sessions} ON ${sessions.userId} = person.id
      WHERE ${and(eq(sql`person.id`, userId), eq(sessions.id, sessionId), liveSession(context.now()))}
    ), judged AS (
      SELECT * FROM person WHERE password_hash IS NOT NULL AND (${aal === 2} OR NOT second_factor)
    ), account AS (${account.allowed})
    SELECT email, password_hash AS "passwordHash", password_version AS "passwordVersion", second_factor AS "secondFactor",
      to_jsonb(opened_at) AS "openedAt", (SELECT failures FROM account) AS failures,
      (SELECT ${account.wait} FROM judged) AS wait FROM person`);
  const row = Row.safeParse(rows[0]).data;
  if (row === undefined) throw new AppError("unauthorized", "The session has ended. Log in again.");
  return row;
}

/** Refuses what needs the password, where there is none and the session is not new. @throws AppError fresh_login_required */
function requireFreshLogin(context: Context, openedAt: Date): void {
  if (later(openedAt, LIMITS.freshSession) <= context.now())
    throw new AppError(
      "fresh_login_required",
      "Your account has no password: log in again with your provider, your passkey or by mail, and repeat this within 10 minutes.",
    );
}

/**
 * Has the actor of a live session prove their password, and their second factor if they have one, before something that a thief of the
 * session must not do. Wrong ones count as failed log-ins do, apart from those of strangers. An account without a password has it proved by a session that was opened
 * just now, which only a provider, a passkey or a mail can have vouched for.
 * @param field the field of the request that the password came in
 * @returns the present address, and the version of the password for the WHERE of what follows
 * @throws AppError unauthorized when the session has ended; validation_failed (the field) when the password is wrong; second_factor_required;
 * fresh_login_required; too_many_requests
 */
export async function provePassword(
  context: Context<Env>,
  password: string | undefined,
  field = "password",
): Promise<{ userId: string; email: string; passwordVersion: number }> {
  const { userId } = requireActor(context);
  const { email, passwordHash, passwordVersion, ...person } = await tryPassword(context);
  requireAssurance(context, person.secondFactor);
  if (passwordHash === null) {
    requireFreshLogin(context, person.openedAt);
    return { userId, email, passwordVersion };
  }
  if (person.failures === null) throw tooManyAttempts(person.wait);
  if (password === undefined || !(await verifyPassword(password, passwordHash)).matches) {
    await lockAccount(context, email, person.failures);
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field, message: "is wrong" }],
    });
  }
  await forgetFailures(context, signedInKey(sql`${email}`));
  return { userId, email, passwordVersion };
}
