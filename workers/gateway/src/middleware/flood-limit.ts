import { addressKey } from "@souk/kit/address-key";
import { problemResponse } from "@souk/kit/problem";
import { AppError } from "@souk/kit/errors";
import type { AppTypes } from "@souk/kit/request-context";
import type { Context, MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import { policy } from "../quotas/headers.ts";

/** The period of both limits in wrangler.toml. */
const PERIOD_SECONDS = 60;

/** Only the platform's own header names the client: a caller writes the others. */
const clientOf = (c: Context<AppTypes<Env>>): string =>
  addressKey(c.req.header("cf-connecting-ip") ?? "unknown");

const refusal = () =>
  new AppError("too_many_requests", "Too many requests from this IP.", { retryAfter: PERIOD_SECONDS });

/** @throws AppError too_many_requests */
async function refuseFlood(c: Context<AppTypes<Env>>): Promise<void> {
  const { success } = await c.var.context.env.FLOOD.limit({ key: clientOf(c) });
  if (!success) throw refusal();
}

/** Refuses floods from one address. @throws AppError too_many_requests */
export const floodLimit: MiddlewareHandler<AppTypes<Env>> = async (c, next) => {
  await refuseFlood(c);
  await next();
};

/**
 * Holds strangers to their quota by address (S3-GW-08, S3-SEC-08). Who sends a token has a quota of their own, and passes here
 * unless the address floods: a token costs something to check.
 */
export const strangersQuota: MiddlewareHandler<AppTypes<Env>> = async (c, next) => {
  if (c.req.header("authorization") !== undefined) {
    await refuseFlood(c);
    return next();
  }
  const { context } = c.var;
  const { success } = await context.env.STRANGERS.limit({ key: clientOf(c) });
  const quota = context.env.QUOTAS.anonymous;
  if (success) await next();
  else {
    c.res = problemResponse(
      refusal(),
      { path: c.req.path, requestId: context.requestId },
      { ratelimit: `"anonymous";r=0;t=${PERIOD_SECONDS}`, "x-ratelimit-remaining": "0" },
    );
  }
  // How much is left the platform does not tell.
  c.res.headers.set("ratelimit-policy", policy("anonymous", quota));
};
