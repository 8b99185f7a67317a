import { realTime } from "@souk/kit/clock";
import { parseEnv } from "@souk/kit/config";
import { createContext, finish, type Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { watchWork } from "@souk/kit/watch-work";
import { DurableObject } from "cloudflare:workers";
import { Env } from "../env.ts";
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, ROOMS_CLOSED_AT_ONCE } from "../limits.ts";
import { closeRooms } from "../services/close-rooms.ts";

interface Progress {
  sessionId: string;
  rooms: string[];
  /** The `traceparent` of who has it done. */
  cause: string;
}

/** Closes the rooms of one ended session, a few in each alarm, however many they are. When it is done it keeps nothing. */
export class RoomCloser extends DurableObject<object> {
  #failures = 0;

  /** Begins, or begins anew; it goes on until all are closed. */
  async begin(progress: Progress): Promise<void> {
    this.ctx.storage.kv.put<Progress>("progress", progress);
    await this.ctx.storage.setAlarm(realTime());
  }

  override async alarm(): Promise<void> {
    const progress = this.ctx.storage.kv.get<Progress>("progress");
    if (progress === undefined) return;
    const context = createContext(parseEnv(Env, this.env), {
      service: "chat",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent: progress.cause,
    });
    await watchWork(context, "RoomCloser.alarm", () => this.#goOn(context, progress));
    finish(context);
  }

  async #goOn(context: Context<Env>, progress: Progress): Promise<void> {
    const { sessionId, rooms } = progress;
    try {
      await closeRooms(context, sessionId, rooms.slice(0, ROOMS_CLOSED_AT_ONCE));
      const rest = rooms.slice(ROOMS_CLOSED_AT_ONCE);
      if (rest.length === 0) await this.ctx.storage.deleteAll();
      else await this.begin({ ...progress, rooms: rest });
      this.#failures = 0;
    } catch (error) {
      context.log.error("rooms not closed yet", { error: describeError(error) });
      const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
      await this.ctx.storage.setAlarm(realTime() + wait);
    }
  }
}
