import { REQUEST_ID_HEADER } from "@souk/kit/app";
import type { AppTypes } from "@souk/kit/request-context";
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import { allowedOrigin, EXPOSED_LIST } from "./cross-origin.ts";

/** Secure headers (S3-GW-17). Those that only browsers and plugins of the past read are left out. */
const SAFETY = [
  ["cross-origin-resource-policy", "same-origin"],
  ["strict-transport-security", "max-age=15552000; includeSubDomains"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
] as const;

/** A page sets its own. An answer of the API is never a document: it may load nothing and stand in no frame. */
const POLICY = "content-security-policy";
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** What browsers read of documents alone. */
const OF_A_PAGE = [
  ["cross-origin-opener-policy", "same-origin"],
  ["origin-agent-cluster", "?1"],
  ["referrer-policy", "no-referrer"],
] as const;

/**
 * What every answer carries, errors too: the request's id, the secure headers, what an app of `CORS_ORIGINS` may read, and with a 401 how
 * to authenticate (RFC 6750, 3), with `invalid_token` only when a token was sent and refused.
 */
export const answerHeaders: MiddlewareHandler<AppTypes<Env>> = async (c, next) => {
  await next();
  const { headers, status } = c.res;
  const context = c.get("context");
  headers.set(REQUEST_ID_HEADER, context.requestId);
  for (const [name, value] of SAFETY) headers.set(name, value);
  if (headers.has(POLICY)) for (const [name, value] of OF_A_PAGE) headers.set(name, value);
  else headers.set(POLICY, API_POLICY);

  headers.append("vary", "Origin");
  const origin = c.req.header("origin");
  if (origin !== undefined && allowedOrigin(origin, c)) {
    headers.set("access-control-allow-origin", origin);
    headers.set("access-control-expose-headers", EXPOSED_LIST);
  }

  if (status !== 401) return;
  const refused = c.req.header("authorization") !== undefined && context.actor === null;
  headers.set("www-authenticate", refused ? 'Bearer error="invalid_token"' : "Bearer");
};
