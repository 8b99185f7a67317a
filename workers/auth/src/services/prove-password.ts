import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { liveSession } from "./live-session.ts";
import { hasSecondFactor, requireAssurance } from "./require-assurance.ts";
import { verifyPassword } from "./verify-password.ts";

/** The error of a password that is wrong, or not there. */
export const wrongPassword = (): AppError =>
  new AppError("validation_failed", "Correct the fields named in `details`.", {
    details: [{ field: "password", message: "is wrong" }],
  });

/** Refuses what needs the password, where there is none and the session is not new. @throws AppError fresh_login_required */
export function requireFreshLogin(context: Context, openedAt: Date): void {
  if (later(openedAt, LIMITS.freshSession) <= context.now())
    throw new AppError(
      "fresh_login_required",
      "Your account has no password: sign in with your provider again, and repeat this within 10 minutes.",
    );
}

/**
 * Has the actor of a live session prove their password, and their second factor if they have one, before something that a thief of the session must not do.
 * An account without a password has it proved by a session that was opened just now, which only a provider can have vouched for.
 * @returns the present address, and the version of the password for the WHERE of what follows
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`) when that is wrong; second_factor_required; fresh_login_required
 */
export async function provePassword(
  context: Context<Env>,
  password: string | undefined,
): Promise<{ userId: string; email: string; passwordVersion: number }> {
  const { userId, sessionId } = requireActor(context);
  const [person] = await context.db
    .select({
      email: users.email,
      passwordHash: users.passwordHash,
      passwordVersion: users.passwordVersion,
      openedAt: sessions.createdAt,
      secondFactor: hasSecondFactor(users.id),
    })
    .from(users)
    .innerJoin(sessions, eq(sessions.userId, users.id))
    .where(and(eq(users.id, userId), eq(sessions.id, sessionId), liveSession(context.now())));
  if (person === undefined) throw new AppError("unauthorized", "The session has ended. Log in again.");
  requireAssurance(context, person.secondFactor);
  if (person.passwordHash === null) requireFreshLogin(context, person.openedAt);
  else if (password === undefined || !(await verifyPassword(password, person.passwordHash)).matches)
    throw wrongPassword();
  return { userId, email: person.email, passwordVersion: person.passwordVersion };
}
