import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq } from "drizzle-orm";
import type { Env } from "../env.ts";
import { liveSession } from "./live-session.ts";
import { hasSecondFactor, requireAssurance } from "./require-assurance.ts";
import { verifyPassword } from "./verify-password.ts";

/**
 * Has the actor of a live session prove their password, and their second factor if they have one, before something that a thief of the session must not do.
 * @returns the present address, and the version of the password for the WHERE of what follows
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`) when that is wrong; second_factor_required
 */
export async function provePassword(
  context: Context<Env>,
  password: string,
): Promise<{ userId: string; email: string; passwordVersion: number }> {
  const { userId, sessionId } = requireActor(context);
  const [person] = await context.db
    .select({
      email: users.email,
      passwordHash: users.passwordHash,
      passwordVersion: users.passwordVersion,
      secondFactor: hasSecondFactor(users.id),
    })
    .from(users)
    .innerJoin(sessions, eq(sessions.userId, users.id))
    .where(and(eq(users.id, userId), eq(sessions.id, sessionId), liveSession(context.now())));
  if (person === undefined) throw new AppError("unauthorized", "The session has ended. Log in again.");
  requireAssurance(context, person.secondFactor);
  if (!(await verifyPassword(password, person.passwordHash)).matches) {
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field: "password", message: "is wrong" }],
    });
  }
  return { userId, email: person.email, passwordVersion: person.passwordVersion };
}
