import { parseTracestate } from "./tracestate.ts";

/** A position in a W3C trace: 16 byte trace id, 8 byte span id, both lower-case hex. */
export interface Trace {
  traceId: string;
  spanId: string;
  /** The caller's span; null where the trace begins here. */
  parentSpanId: string | null;
  sampled: boolean;
  /** Whether the trace id was drawn at random, as far as who drew it says. */
  random: boolean;
  /** What other tracing systems hand along, to be passed on as it is; empty for nothing. */
  state: string;
}

/** The parts stand at fixed places; ids of zeros and the version ff are invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;
const LENGTH = 55;
/** White space around a header's value is no part of it, but some servers leave it there. */
const AROUND = /^[ \t]+|[ \t]+$/g;

const SAMPLED = 1;
const RANDOM = 2;

/** 16 random hex digits: those of a UUID beside its version and variant, since an array of bytes costs more. */
function randomHalf(): string {
  const id = crypto.randomUUID();
  return id.slice(0, 8) + id.slice(28);
}

/**
 * A new span below the caller's `traceparent`, or of a new trace where there is none or it is malformed (W3C Trace Context, level 2).
 * @param tracestate the caller's; it goes with the trace that is gone on with, and with no other
 */
export function startSpan(traceparent: string | null | undefined, tracestate?: string | null): Trace {
  const spanId = randomHalf();
  const parent = traceparent?.replace(AROUND, "");
  if (!parent || !TRACEPARENT.test(parent) || (parent.startsWith("00") && parent.length > LENGTH))
    return {
      traceId: randomHalf() + randomHalf(),
      spanId,
      parentSpanId: null,
      sampled: true,
      random: true,
      state: "",
    };
  const flags = Number.parseInt(parent.slice(53, LENGTH), 16);
  return {
    traceId: parent.slice(3, 35),
    spanId,
    parentSpanId: parent.slice(36, 52),
    sampled: (flags & SAMPLED) !== 0,
    random: (flags & RANDOM) !== 0,
    state: tracestate ? parseTracestate(tracestate) : "",
  };
}

/** A new span of the same trace below this one. */
export const childSpan = (trace: Trace): Trace => ({
  ...trace,
  spanId: randomHalf(),
  parentSpanId: trace.spanId,
});

/** The `traceparent` header that carries this span to the next hop. */
export const traceparent = (trace: Trace): string =>
  `00-${trace.traceId}-${trace.spanId}-0${(trace.sampled ? SAMPLED : 0) | (trace.random ? RANDOM : 0)}`;
