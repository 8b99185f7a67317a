import type { Trace } from "./trace.ts";

/** Of opentelemetry.proto.trace.v1. */
const KINDS = { internal: 1, server: 2, client: 3, consumer: 5 } as const;
const STATUS_ERROR = 2;

/** Something that was done and took time, as a span tells it. */
export interface Work {
  name: string;
  kind: keyof typeof KINDS;
  ms: number;
  failed: boolean;
  /** Nothing personal: spans go to a collector that is no part of Souk. */
  attributes: Record<string, string | number>;
}

type Value = { stringValue: string } | { intValue: string };

/** A span as OTLP has it in JSON: ids in hex, nanoseconds and integers as decimal strings. */
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Value }[];
  status: { code?: number };
}

const nanoseconds = (ms: number): string => `${ms}000000`;
const valueOf = (value: string | number): Value =>
  typeof value === "string" ? { stringValue: value } : { intValue: String(value) };

/**
 * The span of work that ended just now.
 * @param trace the span's own place
 */
export function otlpSpan(trace: Trace, end: Date, { name, kind, ms, failed, attributes }: Work): OtlpSpan {
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    ...(trace.parentSpanId !== null && { parentSpanId: trace.parentSpanId }),
    ...(trace.state !== "" && { traceState: trace.state }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(end.getTime() - ms),
    endTimeUnixNano: nanoseconds(end.getTime()),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) })),
    status: failed ? { code: STATUS_ERROR } : {},
  };
}
