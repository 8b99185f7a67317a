import { answerCall } from "@souk/kit/answer-call";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import type { EventsService } from "@souk/kit/rpc";
import { WorkerEntrypoint } from "cloudflare:workers";
import { Env } from "./env.ts";
import { drainLog } from "./services/drain-log.ts";

/** What writers of events call after they have answered. Any bound Worker may: it moves only what the log holds. */
export class EventsRpc extends WorkerEntrypoint<object, { caller?: string }> implements EventsService {
  async wake(traceparent?: string): Promise<void> {
    const context = createContext(parseEnv(Env, this.env), {
      service: "events",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent,
    });
    await answerCall(context, { method: "wake", caller: this.ctx.props.caller ?? "unknown" }, drainLog);
  }
}
