import { totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { seal } from "@souk/kit/envelope";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { PasswordProof } from "../schemas.ts";
import type { Enrolment } from "../second-factor-schemas.ts";
import { TOTP_PURPOSE } from "./prove-factor.ts";
import { provePassword } from "./prove-password.ts";
import { base32, newTotpSecret, totpUri } from "./totp.ts";

/**
 * Begins to add an authenticator: a new secret, shown this once, which asks for nothing until a code of it confirms it. An earlier
 * beginning is replaced.
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`) when that is wrong; second_factor_required or
 * conflict when a second factor is on; too_many_requests
 */
export async function enrolFactor(context: Context<Env>, { password }: PasswordProof): Promise<Enrolment> {
  const { userId, email } = await provePassword(context, password);
  const secret = newTotpSecret();
  const id = context.newId();
  const sealed = await seal(context.env.DATA_KEYS, Buffer.from(secret).toString("base64url"), {
    purpose: TOTP_PURPOSE,
    rowId: id,
  });
  const now = context.now();
  const { rows } = await context.db.execute(sql`
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
