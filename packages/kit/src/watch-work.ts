import { stopwatch } from "@souk/db/stopwatch";
import type { Context } from "./context.ts";
import { sendSpansSoon } from "./spans.ts";

/**
 * Does what a Durable Object does that calls others, and keeps a span of it, under which those of its calls stand. The context is of this
 * work alone, made with the `traceparent` of whoever caused it; what nobody did, an alarm, begins a trace.
 * @param name the object's class and its method
 * @throws what the work throws
 */
export async function watchWork<T>(context: Context, name: string, work: () => Promise<T>): Promise<T> {
  const { spans } = context;
  if (spans === null) return work();
  const passed = stopwatch();
  let failed = true;
  try {
    const answer = await work();
    failed = false;
    return answer;
  } finally {
    spans.own({ name, kind: "internal", ms: passed(), failed, attributes: {} });
    sendSpansSoon(context);
  }
}
