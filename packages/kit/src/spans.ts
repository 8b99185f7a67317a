import type { Context } from "./context.ts";
import { DelayedRun } from "./delayed-run.ts";
import { describeError } from "./log.ts";
import { otlpSpan, type OtlpSpan, type Work } from "./otlp-span.ts";
import { childSpan, type Trace } from "./trace.ts";

/** Keeps the spans of one invocation until they are sent. */
export interface Spans {
  /** The invocation itself, when it has ended. */
  own: (work: Work) => void;
  /** Something that it has waited for. */
  child: (work: Work) => void;
}

const FLUSH_MS = 5_000;
const TIMEOUT_MS = 5_000;
/** More than these are not kept for a batch: a collector that is slow must not fill the isolate's memory. */
const MAX_SPANS = 2_000;

let kept: OtlpSpan[] = [];

/**
 * The spans of an invocation; null when there is no collector, or the trace is not sampled.
 * @param clock the time that it really is, also where the invocation's own stands still
 */
export function spansOf(endpoint: string | undefined, trace: Trace, clock: () => Date): Spans | null {
  if (!endpoint || !trace.sampled) return null;
  const keep = (place: Trace, work: Work) => {
    if (kept.length < MAX_SPANS) kept.push(otlpSpan(place, clock(), work));
  };
  return {
    own: (work) => keep(trace, work),
    child: (work) => keep(childSpan(trace), work),
  };
}

async function send({ env, log, service }: Context): Promise<void> {
  if (kept.length === 0 || !env.OTLP_ENDPOINT) return;
  const batch = kept;
  kept = [];
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

const sending = new DelayedRun<Context>(FLUSH_MS, send);

/** Sends what is kept, with what other requests add to it, within 5 s by OTLP/HTTP in JSON (S3-OBS-06). */
export function sendSpansSoon(context: Context): void {
  if (context.spans !== null) sending.soon(context);
}

/** Sends what is kept once the invocation has ended, for those that handle much at a time: batches and cron runs. */
export function sendSpans(context: Context): void {
  if (context.spans !== null) context.after(send(context));
}
