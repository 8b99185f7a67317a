import type { Context } from "./context.ts";
import type { BaseEnv } from "./config.ts";
import { DelayedRun } from "./delayed-run.ts";
import { describeError } from "./log.ts";
import { otlpSpan, type OtlpSpan } from "./otlp-span.ts";
import type { Answer } from "./request-context.ts";
import type { z } from "zod";

type TracedContext = Context<z.infer<typeof BaseEnv> & { OTLP_ENDPOINT: string }>;

const FLUSH_MS = 5_000;
const TIMEOUT_MS = 5_000;
/** More than these are not kept for a batch: a collector that is slow must not fill the isolate's memory. */
const MAX_SPANS = 2_000;

let spans: OtlpSpan[] = [];

async function flushSpans({ env, log, service }: TracedContext): Promise<void> {
  const batch = spans;
  spans = [];
  try {
    const response = await fetch(`${env.OTLP_ENDPOINT.replace(/\/$/, "")}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        resourceSpans: [
          {
            resource: {
              attributes: [
                { key: "service.name", value: { stringValue: service } },
                { key: "service.version", value: { stringValue: env.VERSION } },
              ],
            },
            scopeSpans: [{ scope: { name: "souk" }, spans: batch }],
          },
        ],
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the collector answered ${response.status}`);
  } catch (error) {
    log.warn("spans are lost", { spans: batch.length, error: describeError(error) });
  }
}

const flush = new DelayedRun<TracedContext>(FLUSH_MS, flushSpans);

/** Keeps the span of an answered request, if its trace is sampled, and sends it with others within 5 s by OTLP/HTTP in JSON (S3-OBS-06). */
export function exportSpan(context: TracedContext, answer: Answer, request: Request): void {
  if (!context.trace.sampled || spans.length >= MAX_SPANS) return;
  spans.push(otlpSpan(context, answer, request));
  flush.soon(context);
}
