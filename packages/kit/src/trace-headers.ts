import { traceparent, type Trace } from "./trace.ts";

/** Puts a trace's place into the headers of a call, in place of whatever was said there: `tracestate` goes with its own trace or not at all. */
export function setTraceHeaders(headers: Headers, trace: Trace): void {
  headers.set("traceparent", traceparent(trace));
  if (trace.state === "") headers.delete("tracestate");
  else headers.set("tracestate", trace.state);
}
