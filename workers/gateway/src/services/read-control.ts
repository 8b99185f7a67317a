import type { Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { traceparent } from "@souk/kit/trace";
import { timeout, TimeoutStrategy } from "cockatiel";
import {
  knownSessions,
  knownSettings,
  type KnownSessions,
  type KnownSettings,
} from "../control/known-control.ts";
import { ControlSnapshot } from "../control-snapshot.ts";
import type { Env } from "../env.ts";
import { CONTROL_LIMITS as LIMITS } from "../limits.ts";
import { controlOf } from "./control-of.ts";

const NEVER = Number.NEGATIVE_INFINITY;
const inTime = timeout(LIMITS.timeoutMs, TimeoutStrategy.Aggressive);

let sessions: KnownSessions | undefined;
let settings: KnownSettings | undefined;
let triedAt = NEVER;
/** When reading failed, or brought no young sessions to who waited for them. */
let failedAt = NEVER;
/** When the object last gave no answer. */
let silentAt = NEVER;

/** Reads it now; a failure is logged and leaves what is known as it is. */
export async function refreshControl(context: Context<Env>): Promise<void> {
  const asked = context.now().getTime();
  triedAt = asked;
  try {
    // Parsed, since the object may still run another version of this code.
    const cause = traceparent(context.trace);
    const answer = ControlSnapshot.parse(await inTime.execute(() => controlOf(context).snapshot(cause)));
    const asOf = asked - answer.ageMs;
    if (sessions === undefined || asOf > sessions.asOf) sessions = knownSessions(answer, asOf);
    if (settings === undefined || asked >= settings.asOf) settings = knownSettings(answer, asked);
    failedAt = NEVER;
    silentAt = NEVER;
  } catch (error) {
    failedAt = silentAt = context.now().getTime();
    context.log.error("cannot read the control snapshot", { error: describeError(error) });
  }
}

/** Has what is of this time read anew in the background, when it is 5 s old. @returns whether it is too old to wait for that */
function isTooOld(context: Context<Env>, asOf: number, now: number): boolean {
  const age = now - asOf;
  if (age > LIMITS.maxAgeMs) return true;
  if (age >= LIMITS.refreshMs && now - triedAt >= LIMITS.cooldownMs) context.after(refreshControl(context));
  return false;
}

async function waitForSessions(context: Context<Env>): Promise<KnownSessions | null> {
  await refreshControl(context);
  const now = context.now().getTime();
  if (now - (sessions?.asOf ?? NEVER) > LIMITS.maxAgeMs) failedAt = now;
  return sessions ?? null;
}

/**
 * The ended sessions, kept in this isolate: read anew in the background when they are 5 s old, waited for when older than 10 s.
 * @returns them, at once where nothing need be waited for; null when this isolate never had them. Older than 10 s means that no younger
 * can be had
 */
export function readSessions(context: Context<Env>): KnownSessions | null | Promise<KnownSessions | null> {
  const now = context.now().getTime();
  if (isTooOld(context, sessions?.asOf ?? NEVER, now) && now - failedAt >= LIMITS.cooldownMs)
    return waitForSessions(context);
  return sessions ?? null;
}

/**
 * What operators set, kept and read like the ended sessions; but nobody waits for an object that was silent within a minute.
 * @returns it at once where nothing need be waited for; null when this isolate never had it
 */
export function readSettings(context: Context<Env>): KnownSettings | null | Promise<KnownSettings | null> {
  const now = context.now().getTime();
  if (isTooOld(context, settings?.asOf ?? NEVER, now)) {
    if (now - silentAt >= LIMITS.readsMs) return refreshControl(context).then(() => settings ?? null);
    if (now - triedAt >= LIMITS.cooldownMs) context.after(refreshControl(context));
  }
  return settings ?? null;
}

/** What `readSettings` gave last, however old. */
export const lastSettings = (): KnownSettings | undefined => settings;
