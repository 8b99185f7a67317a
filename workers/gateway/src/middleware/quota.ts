import { AppError } from "@souk/kit/errors";
import { problemResponse } from "@souk/kit/problem";
import type { AppTypes } from "@souk/kit/request-context";
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import { policy } from "../quotas/headers.ts";
import { Limiter, type Verdict } from "../quotas/limiter.ts";
import { overridingLimit } from "../quotas/overrides.ts";
import { tierOf } from "../quotas/tiers.ts";

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
 * Holds a person to the quota of their tier (S3-GW-09/10), whatever keys and devices they use, and tells on each answer what is left.
 * Most requests are decided here at once; only near the limit one waits for the person's object.
 * @param cost of the route, in requests
 */
export const quota =
  (cost: number): MiddlewareHandler<AppTypes<Env>> =>
  async (c, next) => {
    const { context } = c.var;
    const { actor, env } = context;
    if (actor === null) return next();
    const tier = tierOf(actor.role);
    const now = context.now().getTime();
    const limit = overridingLimit(actor.userId, tier, now) ?? env.QUOTAS[tier];
    const decided = limiterOf(env).decide(actor.userId, limit, cost, now, context.after);
    const verdict: Verdict = decided instanceof Promise ? await decided : decided;
    let left = `"${tier}";r=${verdict.remaining}`;
    if (verdict.allowed) await next();
    else {
      const retryAfter = Math.max(1, Math.ceil((verdict.retryAt - now) / 1000));
      left += `;t=${retryAfter}`;
      c.res = problemResponse(
        new AppError("too_many_requests", `This account may make ${limit} requests a minute.`, {
          retryAfter,
        }),
        { path: c.req.path, requestId: context.requestId },
      );
    }
    const { headers } = c.res;
    headers.set("ratelimit-policy", policy(tier, limit));
    headers.set("ratelimit", left);
    headers.set("x-ratelimit-remaining", String(verdict.remaining));
  };
