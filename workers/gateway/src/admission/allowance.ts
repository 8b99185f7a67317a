import type { Actor } from "@souk/kit/actor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { watchAnswer } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";
import { policy } from "../quotas/headers.ts";
import { Limiter, type Verdict } from "../quotas/limiter.ts";
import { overridingLimit } from "../quotas/overrides.ts";
import { tierOf } from "../quotas/tiers.ts";

/** What a caller's quota says of a request, and what every answer to it tells of the quota. */
export interface Allowance {
  refusal?: AppError;
  headers: readonly (readonly [name: string, value: string])[];
}

/** The limiter of this isolate, for each environment that it was given. */
const limiters = new WeakMap<Env, Limiter>();

function limiterOf(env: Env): Limiter {
  let limiter = limiters.get(env);
  if (limiter === undefined) {
    limiter = new Limiter((userId, report) => env.QUOTA.getByName(userId).settle(report));
    limiters.set(env, limiter);
  }
  return limiter;
}

/**
 * Holds a person to the quota of their tier (S3-GW-09/10), whatever keys and devices they use.
 * @param cost of the route, in requests
 * @returns at once for most requests; near the limit one waits for the person's object
 */
export function allowanceOf(
  context: Context<Env>,
  { userId, role }: Actor,
  cost: number,
): Allowance | Promise<Allowance> {
  const { env } = context;
  const tier = tierOf(role);
  const now = context.now().getTime();
  const limit = overridingLimit(userId, tier, now) ?? env.QUOTAS[tier];
  const allowance = ({ allowed, remaining, retryAt }: Verdict): Allowance => {
    const headers = (left: string) =>
      [
        ["ratelimit-policy", policy(tier, limit)],
        ["ratelimit", left],
        ["x-ratelimit-remaining", String(remaining)],
      ] as const;
    const left = `"${tier}";r=${remaining}`;
    if (allowed) return { headers: headers(left) };
    const retryAfter = Math.max(1, Math.ceil((retryAt - now) / 1000));
    const told = `This account may make ${limit} requests a minute.`;
    return {
      refusal: new AppError("too_many_requests", told, { retryAfter }),
      headers: headers(`${left};t=${retryAfter}`),
    };
  };
  const report = (work: Promise<void>) => context.after(watchAnswer(context, "QUOTA", "settle", work));
  const verdict = limiterOf(env).decide(userId, limit, cost, now, report);
  if (!(verdict instanceof Promise)) return allowance(verdict);
  return watchAnswer(context, "QUOTA", "settle", verdict).then(allowance);
}
