import { childSpan, startSpan } from "@souk/kit/trace";
import { setTraceHeaders } from "@souk/kit/trace-headers";
import { z } from "zod";

/** Calls that the suite asks for, each with what is to be handed on. */
const Calls = z.array(z.object({ url: z.url(), arguments: z.unknown() }));

const TIMEOUT_MS = 5_000;

/**
 * The service under test of the W3C's Trace Context suite: it makes the calls that a request asks for, in the request's trace, which it
 * reads and hands on with the functions that the gateway uses.
 */
export default {
  async fetch(request) {
    const calls = Calls.parse(await request.json());
    const trace = startSpan(request.headers.get("traceparent"), request.headers.get("tracestate"));
    for (const call of calls) {
      const headers = { "content-type": "application/json" };
      // The suite makes several calls of one request, and tells them apart by their spans.
      setTraceHeaders(headers, childSpan(trace));
      const response = await fetch(call.url, {
        method: "POST",
        headers,
        body: JSON.stringify(call.arguments),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
    }
    return Response.json(null);
  },
} satisfies ExportedHandler;
