import { realTime } from "@souk/kit/clock";
import type { Context } from "@souk/kit/context";
import type { ChannelSockets } from "@souk/kit/realtime/channel-sockets";
import type { Peer } from "@souk/kit/realtime/peer";
import { callTimeout } from "@souk/kit/resilience";
import type { PresenceState } from "@souk/kit/rpc";
import { watchObject } from "@souk/kit/watch-object";
import { watchWork } from "@souk/kit/watch-work";
import type { HubEnv } from "../env.ts";
import { TELL_AGAIN_MS, WATCH_MS } from "../limits.ts";
import type { PresenceEvent } from "../schemas.ts";
import { leave, PresenceStorage, settle, type Settled } from "./presence.ts";

/** Tells those who watch a person what their presence is, each change once, and what changed back before it was told not at all. */
export class PresenceTeller {
  readonly #kept: PresenceStorage;
  readonly #sockets: ChannelSockets;
  readonly #contextOf: (cause?: string | null) => Context<HubEnv>;
  readonly #wake: (at: number) => Promise<void>;
  #running: Promise<void> | undefined;

  /**
   * @param contextOf the context of something that is done, by the `traceparent` of who caused it
   * @param wake has `tell` called at a time, in milliseconds, in an invocation of its own
   */
  constructor(
    sql: SqlStorage,
    sockets: ChannelSockets,
    contextOf: (cause?: string | null) => Context<HubEnv>,
    wake: (at: number) => Promise<void>,
  ) {
    this.#kept = new PresenceStorage(sql);
    this.#sockets = sockets;
    this.#contextOf = contextOf;
    this.#wake = wake;
  }

  presence(userId: string): PresenceState {
    const now = realTime();
    return shown(userId, this.#now(now), now);
  }

  /** The presence, with each change of which the watcher is told from now on. */
  async watch(userId: string, watcherId: string): Promise<PresenceState> {
    const now = realTime();
    const settled = this.#now(now);
    this.#kept.watch({ userId, watcherId, until: now + WATCH_MS, told: settled.status });
    await this.#wakeFor(settled);
    return shown(userId, settled, now);
  }

  unwatch(watcherId: string | null): void {
    this.#kept.unwatch(watcherId);
  }

  /** When the last device left, in milliseconds. */
  leftAt(): number | undefined {
    return this.#kept.left()?.at;
  }

  gone(peer: Peer): void {
    this.#kept.keepLeft(leave(this.#kept.left(), peer, realTime()));
  }

  /**
   * Tells some of those who do not know what holds now; more of them, and what failed, in the next invocation.
   * @param cause the `traceparent` of who changed it, where there is one
   */
  async tell(cause?: string | null): Promise<void> {
    this.#running ??= this.#tellSome(cause).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #tellSome(cause: string | null | undefined): Promise<void> {
    const now = realTime();
    const userId = this.#kept.watched(now);
    if (userId === null) return;
    const settled = this.#now(now);
    const watchers = this.#kept.untold(settled.status);
    if (watchers.length === 0) return this.#wakeFor(settled);
    const data: PresenceEvent = { type: "presence", ...shown(userId, settled, now) };
    const context = this.#contextOf(cause);
    const told = await watchWork(context, "UserHub.tell", () =>
      Promise.all(watchers.map((watcherId) => this.#tellOne(context, watcherId, data))),
    );
    await this.#wake(realTime() + (told.includes(false) ? TELL_AGAIN_MS : 0));
  }

  /** Returns false when the watcher was not reached. */
  async #tellOne(context: Context<HubEnv>, watcherId: string, data: PresenceEvent): Promise<boolean> {
    try {
      const hub = watchObject(context, "USER_HUB", context.env.USER_HUB.getByName(watcherId));
      const publication = { channel: "presence", data, ephemeral: true };
      const isThere = await callTimeout.execute(() => hub.publish([publication]));
      if (isThere) this.#kept.told(watcherId, data.status);
      else this.#kept.unwatch(watcherId);
      return true;
    } catch {
      return false;
    }
  }

  #now(now: number): Settled {
    return settle([...this.#sockets.peers()], this.#kept.left(), now);
  }

  /** Signs of life tell nobody that they have ceased: somebody has to look. */
  async #wakeFor({ until }: Settled): Promise<void> {
    if (Number.isFinite(until)) await this.#wake(until);
  }
}

const shown = (userId: string, { status, lastSeenAt }: Settled, now: number): PresenceState => ({
  userId,
  status,
  lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
  at: new Date(now).toISOString(),
});
