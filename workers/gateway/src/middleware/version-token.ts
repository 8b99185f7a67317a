import type { AppTypes } from "@souk/kit/request-context";
import type { MiddlewareHandler } from "hono";
import { CACHE_LIMITS } from "../cache-limits.ts";
import type { Env } from "../env.ts";

/** With a write's answer: a token. With a later read: the token, so that nothing older than that write is given. */
const VERSION_HEADER = "x-souk-version";

/** Gives with every successful write the token for the writer's next read. It is the time, which orders all that the gateways keep. */
export const versionToken: MiddlewareHandler<AppTypes<Env>> = async (c, next) => {
  await next();
  if (c.res.ok) c.res.headers.set(VERSION_HEADER, String(c.get("context").now().getTime()));
};

/**
 * The time after which the Worker must have been asked for an answer that this caller may be given, in milliseconds.
 * @returns now for `Cache-Control: no-cache`; no time for a token that is none, which no answer is newer than
 */
export function newerThan(headers: Headers, now: Date): number {
  if (/\bno-cache\b/i.test(headers.get("cache-control") ?? "")) return now.getTime();
  const token = headers.get(VERSION_HEADER);
  return token === null ? Number.NEGATIVE_INFINITY : Number(token) + CACHE_LIMITS.clockSkewMs;
}
