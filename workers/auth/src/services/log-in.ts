import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Credentials, Device, Tokens } from "../schemas.ts";
import { accountColumns } from "./account-columns.ts";
import { hashPassword } from "./hash-password.ts";
import { issueTokens } from "./issue-tokens.ts";
import { openSession } from "./open-session.ts";
import { verifyPassword } from "./verify-password.ts";

const refused = () => new AppError("invalid_credentials", "The address or the password is wrong.");

/**
 * Logs a person in: a new session, its access token and first refresh token. An outdated password hash is renewed on the way.
 * A deactivated account is active again, and one that was to be deleted stays.
 * @throws AppError invalid_credentials, after the same work for unknown addresses; email_not_verified, only after the right password
 */
export async function logIn(context: Context<Env>, input: Credentials, device: Device): Promise<Tokens> {
  const [person] = await context.db
    .select({
      user: accountColumns,
      passwordHash: users.passwordHash,
      passwordVersion: users.passwordVersion,
    })
    .from(users)
    .where(eq(sql`lower(${users.email})`, input.email));
  const { matches, outdated } = await verifyPassword(input.password, person?.passwordHash ?? null);
  if (person === undefined || !matches) throw refused();
  const { user, passwordVersion } = person;
  if (user.status === "pending")
    throw new AppError("email_not_verified", "Follow the link in the mail we sent you first.");
  const newHash = outdated ? await hashPassword(input.password) : null;
  const sessionId = await openSession(context, { userId: user.id, passwordVersion, newHash, device });
  // The password was changed while it was being compared, or the account is past the way back.
  if (sessionId === null) throw refused();
  const tokens = await issueTokens(context, { ...user, status: "active" }, { sessionId, counter: 0 });
  return user.status !== "active" ? { ...tokens, restored: true } : tokens;
}
