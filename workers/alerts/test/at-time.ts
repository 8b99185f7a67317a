import { env } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { Env, type Pair } from "../src/env.ts";

/** The context of a verb at a chosen time, in the test file's database; what runs after the answer is dropped. */
export function atTime(at: Date, options: { pairs?: Pair[]; userId?: string } = {}): Context<Env> {
  const parsed = parseEnv(Env, env);
  const { userId } = options;
  return createContext<Env>(
    { ...parsed, PAIRS: options.pairs ?? parsed.PAIRS },
    {
      service: "alerts",
      waitUntil: () => {},
      now: () => at,
      actor:
        userId === undefined ? null : { userId, email: "ada@example.com", role: "user", sessionId: userId },
    },
  );
}
