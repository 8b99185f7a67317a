import type { AppTypes } from "@souk/kit/request-context";
import type { MiddlewareHandler } from "hono";
import { refuseFlood } from "../admission/flood.ts";
import type { Env } from "../env.ts";

/** Refuses floods from one address. @throws AppError too_many_requests */
export const floodLimit: MiddlewareHandler<AppTypes<Env>> = async (c, next) => {
  await refuseFlood(c);
  await next();
};
