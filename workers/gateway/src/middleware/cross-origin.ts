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

/** What a page's script may read of an answer. */
export const EXPOSED_LIST = EXPOSED.join(",");

/** Whether pages of this origin may read answers. */
export const allowedOrigin = (origin: string, c: Context<AppTypes<Env>>): boolean =>
  c.get("context").env.CORS_ORIGINS.includes(origin);

const answerPreflight = cors({
  origin: (origin, c: Context<AppTypes<Env>>) => (allowedOrigin(origin, c) ? origin : null),
  allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  allowHeaders: [
    "authorization",
    "cache-control",
    "captcha-token",
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
 * Answers the preflights of CORS (S3-GW-17); `answerHeaders` does the rest. Tokens travel in a header, so there are no credentials to allow.
 * Hono's own is left to preflights: it begins an answer before there is one, and every answer is then copied twice.
 */
export const preflight: MiddlewareHandler<AppTypes<Env>> = async (c, next) => {
  if (c.req.method !== "OPTIONS") return next();
  const answer = await answerPreflight(c, next);
  // On what it depends `answerHeaders` tells, as of every answer; Hono joins the headers of both.
  c.res.headers.delete("vary");
  answer?.headers.delete("vary");
  return answer;
};
