import { answerCall } from "@souk/kit/answer-call";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { requireCaller } from "@souk/kit/require-caller";
import type { Reach, UsersService } from "@souk/kit/rpc";
import { WorkerEntrypoint } from "cloudflare:workers";
import { z } from "zod";
import { Env } from "./env.ts";
import { findSilencing } from "./services/find-silencing.ts";
import { readReach } from "./services/read-reach.ts";

/** Who may call what, by the caller that the binding names. */
const CALLERS: Record<keyof UsersService, readonly string[]> = { reach: ["chat"], silencing: ["chat"] };

const Arguments = z.object({ userId: z.uuid(), otherIds: z.array(z.uuid()).max(1_000) });

/** What other Workers ask of `users`. */
export class UsersRpc extends WorkerEntrypoint<object, { caller?: string }> implements UsersService {
  async reach(
    userId: string,
    otherIds: string[],
    traceparent?: string,
  ): Promise<{ userId: string; reach: Reach; activity: boolean }[]> {
    return this.#answer("reach", { userId, otherIds }, traceparent, readReach);
  }

  async silencing(userId: string, otherIds: string[], traceparent?: string): Promise<string[]> {
    return this.#answer("silencing", { userId, otherIds }, traceparent, findSilencing);
  }

  async #answer<T>(
    method: keyof UsersService,
    asked: z.infer<typeof Arguments>,
    traceparent: string | undefined,
    work: (context: Context<Env>, userId: string, otherIds: string[]) => Promise<T>,
  ): Promise<T> {
    const caller = requireCaller(this.ctx.props, method, CALLERS[method]);
    const { userId, otherIds } = Arguments.parse(asked);
    const context = createContext(parseEnv(Env, this.env), {
      service: "users",
      waitUntil: (task) => this.ctx.waitUntil(task),
      traceparent,
    });
    return answerCall(context, { method, caller }, () => work(context, userId, otherIds));
  }
}
