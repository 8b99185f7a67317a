import type { Context } from "./context.ts";
import { maskText } from "./mask.ts";
import type { Answer } from "./request-context.ts";

/** Of opentelemetry.proto.trace.v1. */
const KIND_SERVER = 2;
const STATUS_ERROR = 2;

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

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const nanoseconds = (ms: number): string => `${ms}000000`;

/** The span of an answered request (S3-OBS-07). Its address has no query: tickets travel there. */
export function otlpSpan(
  { trace, now, requestId }: Pick<Context, "trace" | "now" | "requestId">,
  { method, path, route, status, ms }: Answer,
  request: Request,
): OtlpSpan {
  const end = now().getTime();
  const { origin } = new URL(request.url);
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    ...(trace.parentSpanId !== null && { parentSpanId: trace.parentSpanId }),
    ...(trace.state !== "" && { traceState: trace.state }),
    name: `${method} ${route}`,
    kind: KIND_SERVER,
    startTimeUnixNano: nanoseconds(end - ms),
    endTimeUnixNano: nanoseconds(end),
    attributes: [
      text("http.method", method),
      text("http.url", maskText(origin + path)),
      text("http.route", route),
      text("http.user_agent", maskText(request.headers.get("user-agent") ?? "")),
      { key: "http.status_code", value: { intValue: String(status) } },
      text("request.id", requestId),
    ],
    status: status >= 500 ? { code: STATUS_ERROR } : {},
  };
}
