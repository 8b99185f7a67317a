import { AppError } from "@souk/kit/errors";
import type { AppTypes } from "@souk/kit/request-context";
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";

/** The period of the FLOOD limit in wrangler.toml. */
const PERIOD_SECONDS = 60;

/**
 * Refuses floods from one address. Only the platform's own header names the client: a caller writes the others.
 * @throws AppError too_many_requests
 */
export const floodLimit: MiddlewareHandler<AppTypes<Env>> = async (c, next) => {
  const address = c.req.header("cf-connecting-ip") ?? "unknown";
  const { success } = await c.var.context.env.FLOOD.limit({ key: address });
  if (!success)
    throw new AppError("too_many_requests", "Too many requests from this IP.", {
      retryAfter: PERIOD_SECONDS,
    });
  await next();
};
