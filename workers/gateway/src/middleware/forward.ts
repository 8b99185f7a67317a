import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { REQUEST_ID_HEADER } from "@souk/kit/app";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { AppTypes } from "@souk/kit/request-context";
import { PRESETS } from "@souk/kit/resilience";
import { setTraceHeaders } from "@souk/kit/trace-headers";
import type { Handler } from "hono";
import { splitUrl } from "../canonical-path.ts";
import type { Env } from "../env.ts";
import { WORKER_BINDINGS, type WorkerName } from "../workers.ts";

/** Headers in which a caller could claim to be someone else, or from somewhere else; the token itself ends here too. */
const CLAIMS =
  /^(x-souk-.*|x-forwarded-.*|forwarded|x-real-ip|x-client-ip|true-client-ip|cf-(?!connecting-ip$).*|authorization)$/;

function forwardedHeaders(inbound: Headers, context: Context<Env>): Headers {
  const headers = new Headers();
  inbound.forEach((value, name) => {
    if (!CLAIMS.test(name)) headers.append(name, value);
  });
  headers.set(REQUEST_ID_HEADER, context.requestId);
  setTraceHeaders(headers, context.trace);
  if (context.actor !== null) headers.set(ACTOR_HEADER, encodeActor(context.actor));
  return headers;
}

/**
 * Hands the request to a domain Worker, with what was verified here in place of what the caller claims. WebSocket upgrades pass too.
 * @throws AppError unavailable when the Worker throws or does not answer within 30 s (S3-GW-12, S3-GW-24)
 */
export const forward =
  (worker: WorkerName): Handler<AppTypes<Env>> =>
  async (c) => {
    const { context } = c.var;
    const { origin, search } = splitUrl(c.req.url);
    // Not `AbortSignal.timeout`: it would also cut a WebSocket or a long body that is already under way.
    const abort = new AbortController();
    const timer = setTimeout(
      () => abort.abort(new Error(`${worker} did not answer in time`)),
      PRESETS.gateway.timeoutMs,
    );
    try {
      const { method, body, headers } = c.req.raw;
      const answer = await context.env[WORKER_BINDINGS[worker]].fetch(origin + c.req.path + search, {
        method,
        body,
        headers: forwardedHeaders(headers, context),
        redirect: "manual",
        signal: abort.signal,
      });
      const response = new Response(answer.body, answer);
      if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
      return response;
    } catch (error) {
      throw new AppError("unavailable", "The service behind this path does not answer.", { cause: error });
    } finally {
      clearTimeout(timer);
    }
  };
