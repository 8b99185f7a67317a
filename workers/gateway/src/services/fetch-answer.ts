import { REQUEST_ID_HEADER } from "@souk/kit/app";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { NEWER_THAN_HEADER } from "@souk/kit/newer-than";
import { PRESETS } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import type { CachePolicy } from "@souk/kit/route";
import { base64url } from "jose";
import type { Env } from "../env.ts";
import { WORKER_BINDINGS, type WorkerName } from "../workers.ts";
import type { StoredAnswer } from "./answer-memory.ts";
import type { Variant } from "./cache-key.ts";

/** What a Worker is asked for. */
export interface Question {
  worker: WorkerName;
  policy: CachePolicy;
  /** The path and query. */
  target: string;
  /** What the Worker is told of the caller. */
  variant: Variant;
  /** When what is kept of this was purged last, in milliseconds. */
  purged: number;
}

/** What a Worker says about the body itself; everything else the gateway says anew each time. */
const KEPT_HEADERS = ["content-type", "content-language", "link"];

export const keptHeaders = ({ headers }: Response): StoredAnswer["headers"] =>
  KEPT_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });

/** Whether an answer depends on no other header than those declared. */
const variesBy = (headers: Headers, declared: readonly string[]): boolean =>
  (headers.get("vary") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .every((name) => name === "" || declared.includes(name));

/** Whether a Worker's answer may be kept for everyone. One that varies by another header depends on more than its key. */
const isForEveryone = ({ status, headers }: Response, declared: readonly string[]): boolean =>
  status === 200 &&
  !headers.has("set-cookie") &&
  variesBy(headers, declared) &&
  !/\b(private|no-store|no-cache)\b/i.test(headers.get("cache-control") ?? "");

/** A strong validator: the same bytes have the same one in every isolate. */
async function etagOf(body: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return `"${base64url.encode(digest.subarray(0, 16))}"`;
}

/**
 * Asks a Worker on nobody's behalf. It is told the path and query, the declared headers, the request id and the trace, and nothing else of
 * the caller, so nothing else of the caller can be in the answer; and of the last purge, which its own memory has to heed.
 * @returns what may be kept for everyone, or the Worker's answer as it is
 * @throws AppError unavailable when the Worker throws or has not answered in full within 30 s
 */
export async function fetchAnswer(
  context: Context<Env>,
  { worker, target, variant, policy, purged }: Question,
): Promise<StoredAnswer | Response> {
  const asOf = context.now().getTime();
  try {
    const response = await context.env[WORKER_BINDINGS[worker]].fetch(
      new URL(target, context.env.ISSUER).href,
      {
        headers: {
          ...Object.fromEntries(variant),
          [REQUEST_ID_HEADER]: context.requestId,
          traceparent: traceparent(context.trace),
          ...(Number.isFinite(purged) && { [NEWER_THAN_HEADER]: String(purged) }),
        },
        redirect: "manual",
        signal: AbortSignal.timeout(PRESETS.gateway.timeoutMs),
      },
    );
    const body = await response.arrayBuffer();
    if (!isForEveryone(response, policy.vary ?? []))
      return new Response(body.byteLength === 0 ? null : body, response);
    return { body, headers: keptHeaders(response), etag: await etagOf(body), asOf };
  } catch (error) {
    throw new AppError("unavailable", "The service behind this path does not answer.", { cause: error });
  }
}
