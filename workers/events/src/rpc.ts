import { SERVICES } from "@souk/db/roles";
import { answerCall } from "@souk/kit/answer-call";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { requireCaller } from "@souk/kit/require-caller";
import type { EventsService } from "@souk/kit/rpc";
import { WorkerEntrypoint } from "cloudflare:workers";
import { Env } from "./env.ts";
import { drainLog } from "./services/drain-log.ts";

/** Who may call what: whoever may write events. */
const CALLERS: Record<keyof EventsService, readonly string[]> = { wake: SERVICES };

/** What writers of events call after they have answered. */
export class EventsRpc extends WorkerEntrypoint<object, { caller?: string }> implements EventsService {
  async wake(traceparent?: string): Promise<void> {
    const caller = requireCaller(this.ctx.props, "wake", CALLERS.wake);
    const context = createContext(parseEnv(Env, this.env), {
      service: "events",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent,
    });
    await answerCall(context, { method: "wake", caller }, drainLog);
  }
}
