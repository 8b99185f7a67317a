import { realTime } from "@souk/kit/clock";
import { parseEnv } from "@souk/kit/config";
import { createContext, finish, type Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { describeError } from "@souk/kit/log";
import { watchWork } from "@souk/kit/watch-work";
import { DurableObject } from "cloudflare:workers";
import { Env } from "../env.ts";
import { FIRST_RETRY_MS, LONGEST_RETRY_MS } from "../limits.ts";
import { eraseArchive, eraseFromConversations } from "../services/erase-person.ts";

type Request = SoukEvent<"person.erasure_requested">;
interface Progress {
  event: Request;
  after: string | null;
  /** Whether every conversation has been gone through. */
  through: boolean;
}

/** Erases one person, a few conversations in each alarm, however many they have. When it is done it keeps nothing. */
export class Eraser extends DurableObject<object> {
  #failures = 0;

  /** Begins, or begins anew; it goes on until all is erased. */
  async begin(event: Request): Promise<void> {
    this.ctx.storage.kv.put<Progress>("progress", { event, after: null, through: false });
    await this.ctx.storage.setAlarm(realTime());
  }

  override async alarm(): Promise<void> {
    const progress = this.ctx.storage.kv.get<Progress>("progress");
    if (progress === undefined) return;
    const { event } = progress;
    const context = createContext(parseEnv(Env, this.env), {
      service: "chat",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent: event.traceparent,
    });
    await watchWork(context, "Eraser.alarm", () => this.#goOn(context, progress));
    finish(context);
  }

  async #goOn(context: Context<Env>, progress: Progress): Promise<void> {
    const { event, after } = progress;
    try {
      if (progress.through) {
        await eraseArchive(context, event);
        await this.ctx.storage.deleteAll();
      } else {
        const reached = await eraseFromConversations(context, event.data.userId, after);
        this.ctx.storage.kv.put<Progress>("progress", { event, after: reached, through: reached === null });
        await this.ctx.storage.setAlarm(realTime());
      }
      this.#failures = 0;
    } catch (error) {
      context.log.error("not erased yet", { error: describeError(error) });
      const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
      await this.ctx.storage.setAlarm(realTime() + wait);
    }
  }
}
