import type { AppTypes } from "@souk/kit/request-context";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Context } from "hono";
import type { Env } from "../env.ts";

/** CORS for the apps of `CORS_ORIGINS`. Tokens travel in a header, so there are no credentials to allow. */
export const crossOrigin: MiddlewareHandler<AppTypes<Env>> = cors({
  origin: (origin: string, c: Context<AppTypes<Env>>) =>
    c.var.context.env.CORS_ORIGINS.includes(origin) ? origin : null,
  allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  allowHeaders: [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "traceparent",
    "x-request-id",
  ],
  exposeHeaders: ["etag", "location", "retry-after", "www-authenticate", "x-request-id"],
  maxAge: 7200,
});
