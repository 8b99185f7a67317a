import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { totpFactors } from "@souk/db/schema/auth-second-factor";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { seal } from "@souk/kit/envelope";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { PasswordProof } from "../schemas.ts";
import type { Enrolment } from "../second-factor-schemas.ts";
import { accountKey, allowAccount } from "./allow-account.ts";
import { lockAccount } from "./lock-account.ts";
import { TOTP_PURPOSE } from "./prove-factor.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";
import { base32, newTotpSecret, totpUri } from "./totp.ts";
import { verifyPassword } from "./verify-password.ts";

const Row = z.object({
  email: z.string(),
  passwordHash: z.string(),
  failures: z.int().nullable(),
  wait: z.int().nullable(),
});

/** The actor's address, once the password was right: whoever found a device open adds no lock of their own. */
async function provePassword(context: Context<Env>, password: string): Promise<string> {
  const { userId } = requireActor(context);
  const account = allowAccount(context, accountKey(sql`person.email`), sql`person`);
  const { rows } = await context.db.execute(sql`
    WITH person AS (SELECT email, password_hash FROM ${users} WHERE id = ${userId}::uuid), account AS (${account.allowed})
    SELECT email, password_hash AS "passwordHash", (SELECT failures FROM account) AS failures, ${account.wait} AS wait FROM person`);
  const person = Row.safeParse(rows[0]).data;
  if (person === undefined) throw new AppError("unauthorized", "The account is no more.");
  const { email, passwordHash, failures, wait } = person;
  if (failures === null) throw tooManyAttempts(wait);
  if ((await verifyPassword(password, passwordHash)).matches) return email;
  await lockAccount(context, email, failures);
  throw new AppError("validation_failed", "Correct the fields named in `details`.", {
    details: [{ field: "password", message: "is wrong" }],
  });
}

/**
 * Begins to add an authenticator: a new secret, shown this once, which asks for nothing until a code of it confirms it. An earlier
 * beginning is replaced.
 * @throws AppError validation_failed (`password`) when that is wrong; conflict when a second factor is on; too_many_requests
 */
export async function enrolFactor(context: Context<Env>, { password }: PasswordProof): Promise<Enrolment> {
  const { userId } = requireActor(context);
  const email = await provePassword(context, password);
  const secret = newTotpSecret();
  const id = context.newId();
  const sealed = await seal(context.env.DATA_KEYS, Buffer.from(secret).toString("base64url"), {
    purpose: TOTP_PURPOSE,
    rowId: id,
  });
  const now = context.now();
  const { rows } = await context.db.execute(sql`
    WITH forgiven AS (DELETE FROM ${accountAttempts} WHERE account = ${accountKey(sql`${email}`)})
    INSERT INTO ${totpFactors} AS factor (id, user_id, sealed_secret, created_at)
    VALUES (${id}::uuid, ${userId}::uuid, ${sealed}, ${now.toISOString()}::timestamptz)
    ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
      WHERE factor.confirmed_at IS NULL
    RETURNING factor.id`);
  if (rows.length === 0) throw new AppError("conflict", "A second factor is on. Take it off first.");
  return {
    secret: base32(secret),
    uri: totpUri(secret, email),
    expiresAt: later(now, LIMITS.enrolment).toISOString(),
  };
}
