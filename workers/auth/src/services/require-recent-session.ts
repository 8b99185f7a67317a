import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { later, LIMITS } from "../limits.ts";
import { requireAssurance } from "./require-assurance.ts";

/**
 * Refuses to take a way in away but to a session of level 2 where a second factor is on, else to one that was opened within the last day,
 * since a token that was found later must not turn its owner out of their other devices.
 * @param openedAt when the session was opened; null when it has ended
 * @throws AppError unauthorized, second_factor_required, fresh_login_required
 */
export function requireRecentSession(
  context: Context,
  { secondFactor, openedAt }: { secondFactor: boolean; openedAt: Date | null },
): void {
  if (openedAt === null) throw new AppError("unauthorized", "The session has ended. Log in again.");
  requireAssurance(context, secondFactor);
  if (!secondFactor && later(openedAt, LIMITS.recentSession) <= context.now())
    throw new AppError("fresh_login_required", "Log in again, and repeat this within a day.");
}
