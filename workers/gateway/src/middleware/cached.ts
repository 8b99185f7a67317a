import type { AppTypes } from "@souk/kit/request-context";
import type { CachePolicy } from "@souk/kit/route";
import type { Handler } from "hono";
import { splitUrl } from "../canonical-path.ts";
import type { Env } from "../env.ts";
import { cacheKey, variantKey, variantOf } from "../services/cache-key.ts";
import { cachedAnswer, type Found } from "../services/cached-answer.ts";
import { purgedAt } from "../services/purged-at.ts";
import type { WorkerName } from "../workers.ts";
import { forward } from "./forward.ts";
import { newerThan } from "./version-token.ts";

const STATE_HEADER = "x-cache";

/** RFC 9110, 13.1.2: a weak comparison, since a proxy that compresses weakens the ETag. */
const isKnown = (etag: string, ifNoneMatch: string | null): boolean =>
  ifNoneMatch !== null &&
  ifNoneMatch
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""))
    .some((tag) => tag === etag || tag === "*");

const directives = ({ maxAge, staleWhileRevalidate, staleIfError }: CachePolicy): string =>
  `public, max-age=${maxAge}, stale-while-revalidate=${staleWhileRevalidate}, stale-if-error=${staleIfError}`;

function respond(
  { answer, state }: Found,
  request: Request,
  { cacheControl, vary }: { cacheControl: string; vary: string | undefined },
  now: number,
): Response {
  const headers = new Headers([
    ["etag", answer.etag],
    ["cache-control", cacheControl],
    ["age", String(Math.max(0, Math.floor((now - answer.asOf) / 1000)))],
    [STATE_HEADER, state],
  ]);
  if (vary !== undefined) headers.set("vary", vary);
  if (isKnown(answer.etag, request.headers.get("if-none-match")))
    return new Response(null, { status: 304, headers });
  for (const [name, value] of answer.headers) headers.set(name, value);
  return new Response(answer.body, { headers });
}

/**
 * Answers a public GET or HEAD from what is kept, and says in `X-Cache` how. A request that asks for more than its route declares, or
 * for nothing to be stored, goes on to the Worker.
 * @throws AppError unavailable
 */
export function cached(
  worker: WorkerName,
  { query, ...policy }: CachePolicy & { query: readonly string[] },
): Handler<AppTypes<Env>> {
  const ask = forward(worker);
  const told = { cacheControl: directives(policy), vary: policy.vary?.join(", ") };
  return async (c) => {
    const context = c.get("context");
    const { headers } = c.req.raw;
    const passesBy = /\bno-store\b/i.test(headers.get("cache-control") ?? "");
    const target = passesBy ? null : cacheKey(c.req.path, splitUrl(c.req.url).search, query);
    const variant = policy.vary === undefined ? [] : variantOf(headers, policy.vary);
    const key = target === null ? null : variantKey(target, variant);
    if (target === null || key === null) {
      const answer = await ask(c);
      answer.headers.set(STATE_HEADER, "BYPASS");
      return answer;
    }
    const now = context.now();
    const purged = purgedAt(c.req.path, policy, now.getTime());
    const notBefore = Math.max(newerThan(headers, now), purged);
    const wanted = { worker, policy, target, variant, key, purged, newerThan: notBefore };
    const found = await cachedAnswer(context, wanted);
    if (!(found instanceof Response)) return respond(found, c.req.raw, told, context.now().getTime());
    if (!found.headers.has("cache-control")) found.headers.set("cache-control", "no-store");
    found.headers.set(STATE_HEADER, "MISS");
    return found;
  };
}
