import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { accountKey, allowAccount } from "./allow-account.ts";
import { forgetFailures } from "./forget-failures.ts";
import { liveSession } from "./live-session.ts";
import { lockAccount } from "./lock-account.ts";
import { hasSecondFactor, requireAssurance } from "./require-assurance.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";
import { verifyPassword } from "./verify-password.ts";

const Row = z.object({
  email: z.string(),
  passwordHash: z.string(),
  passwordVersion: z.int(),
  secondFactor: z.boolean(),
  failures: z.int().nullable(),
  wait: z.int().nullable(),
});

/** Counts a try of the actor's account, as a log-in's is, unless a second factor must come first; and reads what it is held against. */
async function tryPassword(context: Context<Env>): Promise<z.infer<typeof Row>> {
  const { userId, sessionId, aal } = requireActor(context);
  const account = allowAccount(context, accountKey(sql`judged.email`), sql`judged`);
  const { rows } = await context.db.execute(sql`
    WITH person AS (
      SELECT person.*, ${hasSecondFactor(sql`person.id`)} AS second_factor
      FROM ${users} AS person JOIN ${sessions} ON ${sessions.userId} = person.id
      WHERE ${and(eq(sql`person.id`, userId), eq(sessions.id, sessionId), liveSession(context.now()))}
    ), judged AS (SELECT * FROM person WHERE ${aal === 2} OR NOT second_factor), account AS (${account.allowed})
    SELECT email, password_hash AS "passwordHash", password_version AS "passwordVersion", second_factor AS "secondFactor",
      (SELECT failures FROM account) AS failures, (SELECT ${account.wait} FROM judged) AS wait FROM person`);
  const row = Row.safeParse(rows[0]).data;
  if (row === undefined) throw new AppError("unauthorized", "The session has ended. Log in again.");
  return row;
}

/**
 * Has the actor of a live session prove their password, and their second factor if they have one, before something that a thief of the
 * session must not do. Wrong ones count as failed log-ins do.
 * @param field the field of the request that the password came in
 * @returns the present address, and the version of the password for the WHERE of what follows
 * @throws AppError unauthorized when the session has ended; validation_failed (the field) when the password is wrong; second_factor_required;
 * too_many_requests
 */
export async function provePassword(
  context: Context<Env>,
  password: string,
  field = "password",
): Promise<{ userId: string; email: string; passwordVersion: number }> {
  const { userId } = requireActor(context);
  const { email, passwordHash, passwordVersion, secondFactor, failures, wait } = await tryPassword(context);
  requireAssurance(context, secondFactor);
  if (failures === null) throw tooManyAttempts(wait);
  if (!(await verifyPassword(password, passwordHash)).matches) {
    await lockAccount(context, email, failures);
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field, message: "is wrong" }],
    });
  }
  await forgetFailures(context, email);
  return { userId, email, passwordVersion };
}
