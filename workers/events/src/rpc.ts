import { SERVICES } from "@souk/db/roles";
import { answerCall } from "@souk/kit/answer-call";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { requireCaller } from "@souk/kit/require-caller";
import type { EventRecorder, EventsService, RecordedEvent } from "@souk/kit/rpc";
import { WorkerEntrypoint } from "cloudflare:workers";
import { Env } from "./env.ts";
import { drainLog } from "./services/drain-log.ts";
import { recordEvents } from "./services/record-events.ts";

type Methods = EventsService & EventRecorder;

/** Who may call what: whoever may write events, and who has no database to do it in. */
const CALLERS: Record<keyof Methods, readonly string[]> = { wake: SERVICES, record: ["gateway"] };

/** What writers of events call after they have answered. */
export class EventsRpc extends WorkerEntrypoint<object, { caller?: string }> implements Methods {
  async wake(traceparent?: string): Promise<void> {
    await this.#answer("wake", traceparent, drainLog);
  }

  async record(events: RecordedEvent[], traceparent?: string): Promise<void> {
    await this.#answer("record", traceparent, (context, caller) => recordEvents(context, caller, events));
  }

  async #answer(
    method: keyof Methods,
    traceparent: string | undefined,
    work: (context: Context<Env>, caller: string) => Promise<unknown>,
  ): Promise<void> {
    const caller = requireCaller(this.ctx.props, method, CALLERS[method]);
    const context = createContext(parseEnv(Env, this.env), {
      service: "events",
      waitUntil: (task) => this.ctx.waitUntil(task),
      traceparent,
    });
    await answerCall(context, { method, caller }, () => work(context, caller));
  }
}
