import { realTime } from "@souk/kit/clock";
import type { ChannelSockets } from "@souk/kit/realtime/channel-sockets";
import type { Peer } from "@souk/kit/realtime/peer";
import { callTimeout } from "@souk/kit/resilience";
import type { PresenceState } from "@souk/kit/rpc";
import type { HubEnv } from "../env.ts";
import { TELL_AGAIN_MS, WATCH_MS } from "../limits.ts";
import type { PresenceEvent } from "../schemas.ts";
import { leave, PresenceStorage, settle, type Settled } from "./presence.ts";

/** Tells those who watch a person what their presence is, each change once, and what changed back before it was told not at all. */
export class PresenceTeller {
  readonly #kept: PresenceStorage;
  readonly #sockets: ChannelSockets;
  readonly #hubs: HubEnv["USER_HUB"];
  readonly #wake: (at: number) => Promise<void>;
  #running: Promise<void> | undefined;

  /** @param wake has `tell` called at a time, in milliseconds, in an invocation of its own */
  constructor(
    sql: SqlStorage,
    sockets: ChannelSockets,
    hubs: HubEnv["USER_HUB"],
    wake: (at: number) => Promise<void>,
  ) {
    this.#kept = new PresenceStorage(sql);
    this.#sockets = sockets;
    this.#hubs = hubs;
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

  /** Tells some of those who do not know what holds now; more of them, and what failed, in the next invocation. */
  async tell(): Promise<void> {
    this.#running ??= this.#tellSome().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #tellSome(): Promise<void> {
    const now = realTime();
    const userId = this.#kept.watched(now);
    if (userId === null) return;
    const settled = this.#now(now);
    const data: PresenceEvent = { type: "presence", ...shown(userId, settled, now) };
    const watchers = this.#kept.untold(settled.status);
    const told = await Promise.all(watchers.map((watcherId) => this.#tellOne(watcherId, data)));
    if (told.includes(false)) await this.#wake(realTime() + TELL_AGAIN_MS);
    else if (watchers.length > 0) await this.#wake(realTime());
    else await this.#wakeFor(settled);
  }

  /** Returns false when the watcher was not reached. */
  async #tellOne(watcherId: string, data: PresenceEvent): Promise<boolean> {
    try {
      const hub = this.#hubs.getByName(watcherId);
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
