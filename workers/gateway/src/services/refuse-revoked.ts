import type { Actor } from "@souk/kit/actor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { KnownSessions } from "../control/known-control.ts";
import type { Env } from "../env.ts";
import { CONTROL_LIMITS } from "../limits.ts";
import { readSessions } from "./read-control.ts";

/**
 * Refuses the access token of a session that has ended, within 10 s of its end. While that cannot be known, what changes something is
 * refused, and what only reads is allowed for 60 s; an isolate that never knew refuses both.
 * @param changes whether the request may change something
 * @returns at once where the ended sessions are known
 * @throws AppError unauthorized; unavailable
 */
export function refuseRevoked(
  context: Context<Env>,
  { sessionId }: Actor,
  changes: boolean,
): void | Promise<void> {
  const judge = (control: KnownSessions | null): void => {
    if (control?.revokedSessions.has(sessionId))
      throw new AppError("unauthorized", "The session has ended. Log in again.");
    const bearable = changes ? CONTROL_LIMITS.maxAgeMs : CONTROL_LIMITS.readsMs;
    if (control === null || context.now().getTime() - control.asOf > bearable)
      throw new AppError("unavailable", "Sessions cannot be checked now.", { retryAfter: 5 });
  };
  const control = readSessions(context);
  return control instanceof Promise ? control.then(judge) : judge(control);
}
