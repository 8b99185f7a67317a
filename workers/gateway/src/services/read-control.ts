import type { Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { timeout, TimeoutStrategy } from "cockatiel";
import { ControlSnapshot, type KnownControl } from "../control-snapshot.ts";
import type { Env } from "../env.ts";
import { CONTROL_LIMITS as LIMITS } from "../limits.ts";

const inTime = timeout(LIMITS.timeoutMs, TimeoutStrategy.Aggressive);

let known: KnownControl | undefined;
let triedAt = Number.NEGATIVE_INFINITY;
let failedAt = Number.NEGATIVE_INFINITY;

/** Reads it; a failure is logged and leaves what is known as it is. */
async function read(context: Context<Env>): Promise<void> {
  const asked = context.now().getTime();
  triedAt = asked;
  try {
    // Parsed, since the object may still run another version of this code.
    const answer = ControlSnapshot.parse(
      await inTime.execute(() => context.env.CONTROL.getByName("control").snapshot()),
    );
    const asOf = asked - answer.ageMs;
    if (known === undefined || asOf > known.asOf)
      known = { revokedSessions: new Set(answer.revokedSessions), asOf };
    failedAt = Number.NEGATIVE_INFINITY;
  } catch (error) {
    failedAt = context.now().getTime();
    context.log.error("cannot read the control snapshot", { error: describeError(error) });
  }
}

/**
 * The control snapshot, kept in this isolate: read anew in the background when it is 5 s old, waited for when older than 10 s.
 * @returns the snapshot and its age; null when this isolate never had one. An age of more than 10 s means that no younger can be had
 */
export async function readControl(context: Context<Env>): Promise<(KnownControl & { ageMs: number }) | null> {
  const now = context.now().getTime();
  const age = known === undefined ? Infinity : now - known.asOf;
  if (age > LIMITS.maxAgeMs) {
    if (now - failedAt >= LIMITS.cooldownMs) await read(context);
  } else if (age >= LIMITS.refreshMs && now - triedAt >= LIMITS.cooldownMs) {
    context.after(read(context));
  }
  return known === undefined ? null : { ...known, ageMs: context.now().getTime() - known.asOf };
}
