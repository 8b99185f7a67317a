import { traceparent, type Trace } from "./trace.ts";

/** Puts a trace's place into the headers of a call, which hold nothing of a caller's trace: `tracestate` goes with its own or not at all. */
export function setTraceHeaders(headers: Record<string, string>, trace: Trace): void {
  headers["traceparent"] = traceparent(trace);
  if (trace.state !== "") headers["tracestate"] = trace.state;
}
