import type { Actor } from "@souk/kit/actor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Env } from "../env.ts";
import { CONTROL_LIMITS } from "../limits.ts";
import { readControl } from "./read-control.ts";

/**
 * Refuses the access token of a session that has ended, within 10 s of its end. While that cannot be known, what changes something is
 * refused, and what only reads is allowed for 60 s; an isolate that never knew refuses both.
 * @param changes whether the request may change something
 * @throws AppError unauthorized; unavailable
 */
export async function refuseRevoked(context: Context<Env>, actor: Actor, changes: boolean): Promise<void> {
  const control = await readControl(context);
  if (control?.revokedSessions.has(actor.sessionId))
    throw new AppError("unauthorized", "The session has ended. Log in again.");
  const bearable = changes ? CONTROL_LIMITS.maxAgeMs : CONTROL_LIMITS.readsMs;
  if (control === null || control.ageMs > bearable)
    throw new AppError("unavailable", "Sessions cannot be checked now.", { retryAfter: 5 });
}
