import type { AppTypes } from "@souk/kit/request-context";
import type { Lifecycle } from "@souk/kit/route";
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";

/** Tells with each answer of a deprecated operation since when it is (`Deprecation`, RFC 9745) and when it ends (`Sunset`, RFC 8594). */
export function lifecycleHeaders({ deprecatedAt, sunsetAt }: Lifecycle): MiddlewareHandler<AppTypes<Env>> {
  const deprecation = `@${Math.floor(Date.parse(deprecatedAt) / 1000)}`;
  const sunset = sunsetAt === undefined ? undefined : new Date(sunsetAt).toUTCString();
  return async (c, next) => {
    await next();
    c.res.headers.set("deprecation", deprecation);
    if (sunset !== undefined) c.res.headers.set("sunset", sunset);
  };
}
