import { addressKey } from "@souk/kit/address-key";
import { AppError } from "@souk/kit/errors";
import type { AppTypes } from "@souk/kit/request-context";
import type { Context } from "hono";
import type { Env } from "../env.ts";
import { policy } from "../quotas/headers.ts";
import type { Allowance } from "./allowance.ts";

/** The period of both limits in wrangler.toml. */
const PERIOD_SECONDS = 60;

/** Only the platform's own header names the client: a caller writes the others. */
const clientOf = (c: Context<AppTypes<Env>>): string =>
  addressKey(c.req.header("cf-connecting-ip") ?? "unknown");

const refusal = () =>
  new AppError("too_many_requests", "Too many requests from this IP.", { retryAfter: PERIOD_SECONDS });

/** Refuses floods from one address. @throws AppError too_many_requests */
export async function refuseFlood(c: Context<AppTypes<Env>>): Promise<void> {
  const { success } = await c.get("context").env.FLOOD.limit({ key: clientOf(c) });
  if (!success) throw refusal();
}

/** Holds a stranger to their quota by address (S3-GW-08, S3-SEC-08). How much is left the platform does not tell. */
export async function strangersAllowance(c: Context<AppTypes<Env>>): Promise<Allowance> {
  const { env } = c.get("context");
  const { success } = await env.STRANGERS.limit({ key: clientOf(c) });
  const told = ["ratelimit-policy", policy("anonymous", env.QUOTAS.anonymous)] as const;
  if (success) return { headers: [told] };
  const left = ["ratelimit", `"anonymous";r=0;t=${PERIOD_SECONDS}`] as const;
  return { refusal: refusal(), headers: [told, left, ["x-ratelimit-remaining", "0"]] };
}
