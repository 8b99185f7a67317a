import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { REQUEST_ID_HEADER } from "@souk/kit/app";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { AppTypes } from "@souk/kit/request-context";
import { PRESETS } from "@souk/kit/resilience";
import { setTraceHeaders } from "@souk/kit/trace-headers";
import type { Context as HonoContext } from "hono";
import { splitUrl } from "../canonical-path.ts";
import type { Env } from "../env.ts";
import { WORKER_BINDINGS, type WorkerName } from "../workers.ts";

/**
 * What a Worker is told of a caller's headers; the rest ends here: the token, claims to be someone else or from somewhere else, and what
 * no Worker reads. The platform itself sets `cf-connecting-ip`.
 */
export const PASSED = [
  "accept",
  "accept-language",
  "captcha-token",
  "cf-connecting-ip",
  "content-type",
  "idempotency-key",
  "last-event-id",
  "origin",
  "upgrade",
  "user-agent",
] as const;

function forwardedHeaders(inbound: Headers, context: Context<Env>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of PASSED) {
    const value = inbound.get(name);
    if (value !== null) headers[name] = value;
  }
  headers[REQUEST_ID_HEADER] = context.requestId;
  setTraceHeaders(headers, context.trace);
  if (context.actor !== null) headers[ACTOR_HEADER] = encodeActor(context.actor);
  return headers;
}

/**
 * Hands the request to a domain Worker, with what was verified here in place of what the caller claims. WebSocket upgrades pass too.
 * @throws AppError unavailable when the Worker throws or does not answer within 30 s (S3-GW-12, S3-GW-24)
 */
export const forward =
  (worker: WorkerName) =>
  async (c: HonoContext<AppTypes<Env>>): Promise<Response> => {
    const context = c.get("context");
    const { origin, search } = splitUrl(c.req.url);
    // No `AbortSignal`: it costs more than all the rest here. The platform ends what an answered request still waits for.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, refuse) => {
      timer = setTimeout(
        () => refuse(new Error(`${worker} did not answer in time`)),
        PRESETS.gateway.timeoutMs,
      );
    });
    try {
      const { method, body, headers } = c.req.raw;
      const asked = context.env[WORKER_BINDINGS[worker]].fetch(origin + c.req.path + search, {
        method,
        body,
        headers: forwardedHeaders(headers, context),
        redirect: "manual",
      });
      const answer = await Promise.race([asked, late]);
      const response = new Response(answer.body, answer);
      if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
      return response;
    } catch (error) {
      throw new AppError("unavailable", "The service behind this path does not answer.", { cause: error });
    } finally {
      clearTimeout(timer);
    }
  };
