import { stopwatch } from "@souk/db/stopwatch";
import type { z } from "zod";
import type { BaseEnv } from "./config.ts";
import type { Context } from "./context.ts";
import { describeError } from "./log.ts";
import { sendSpansSoon } from "./spans.ts";

/**
 * Answers a call of another Worker and logs one line of it and keeps a span, as a request has them.
 * @param call the method that was called, and by whom
 * @throws what the work throws
 */
export async function answerCall<Env extends z.infer<typeof BaseEnv>, T>(
  context: Context<Env>,
  call: { method: string; caller: string },
  work: (context: Context<Env>) => Promise<T>,
): Promise<T> {
  const passed = stopwatch();
  let failed = true;
  try {
    const answer = await work(context);
    failed = false;
    context.log.info("call", { ...call, ms: passed(), database: context.databaseUse });
    return answer;
  } catch (error) {
    context.log.error("call failed", { ...call, ms: passed(), error: describeError(error) });
    throw error;
  } finally {
    context.spans?.own({
      name: `${context.service}/${call.method}`,
      kind: "server",
      ms: passed(),
      failed,
      attributes: { "rpc.service": context.service, "rpc.method": call.method, "rpc.caller": call.caller },
    });
    sendSpansSoon(context);
  }
}
