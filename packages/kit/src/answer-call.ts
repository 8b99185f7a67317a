import { stopwatch } from "@souk/db/stopwatch";
import type { z } from "zod";
import type { BaseEnv } from "./config.ts";
import type { Context } from "./context.ts";
import { describeError } from "./log.ts";

/**
 * Answers a call of another Worker and logs one line of it, as a request has one.
 * @param call the method that was called, and by whom
 * @throws what the work throws
 */
export async function answerCall<Env extends z.infer<typeof BaseEnv>, T>(
  context: Context<Env>,
  call: { method: string; caller: string },
  work: (context: Context<Env>) => Promise<T>,
): Promise<T> {
  const passed = stopwatch();
  try {
    const answer = await work(context);
    context.log.info("call", { ...call, ms: passed(), database: context.databaseUse });
    return answer;
  } catch (error) {
    context.log.error("call failed", { ...call, ms: passed(), error: describeError(error) });
    throw error;
  }
}
