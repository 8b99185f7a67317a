import type { AppTypes } from "@souk/kit/request-context";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Context } from "hono";
import type { Env } from "../env.ts";

const EXPOSED = [
  "age",
  "deprecation",
  "etag",
  "idempotent-replayed",
  "location",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "sunset",
  "www-authenticate",
  "x-cache",
  "x-ratelimit-remaining",
  "x-request-id",
  "x-souk-version",
];

const EXPOSED_LIST = EXPOSED.join(",");

const allowed = (origin: string, c: Context<AppTypes<Env>>): string | null =>
  c.var.context.env.CORS_ORIGINS.includes(origin) ? origin : null;

const preflight = cors({
  origin: allowed,
  allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  allowHeaders: [
    "authorization",
    "cache-control",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "last-event-id",
    "traceparent",
    "tracestate",
    "x-request-id",
    "x-souk-version",
  ],
  exposeHeaders: EXPOSED,
  maxAge: 7200,
});

/**
 * CORS for the apps of `CORS_ORIGINS`. Tokens travel in a header, so there are no credentials to allow.
 * Hono's own is left to preflights: it begins an answer before there is one, and every answer is then copied twice.
 */
export const crossOrigin: MiddlewareHandler<AppTypes<Env>> = async (c, next) => {
  if (c.req.method === "OPTIONS") return preflight(c, next);
  await next();
  const { headers } = c.res;
  const origin = allowed(c.req.header("origin") ?? "", c);
  if (origin !== null) headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", EXPOSED_LIST);
  headers.append("vary", "Origin");
};
