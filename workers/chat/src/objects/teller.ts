import type { Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import type { Publication } from "@souk/kit/realtime/frames";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { watchObject } from "@souk/kit/watch-object";
import { leaveShard, OWN } from "../conversation/enter-room.ts";
import {
  CHAT_CHANNEL,
  type Gone,
  markPublished,
  readUnpublished,
  roomChannel,
  type Unpublished,
} from "../conversation/publish.ts";
import { findUnread, findUnreadAmong, remind, reminded, type Unread } from "../conversation/remind.ts";
import type { Act, ConversationStore } from "../conversation/store.ts";
import type { Env } from "../env.ts";
import { CALLS_AT_ONCE, FIRST_RETRY_MS, HUB_MEMBERS, MAX_PUBLISH_TRIES, TYPING_MS } from "../limits.ts";
import type { ChatEvent } from "../realtime.ts";
import type { Room } from "./room.ts";

const chunksOf = <T>(items: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));

/**
 * Tells the devices of a conversation's members what changed, in order, one telling at a time: what changes meanwhile goes together with
 * the next. So nothing waits where it is quiet, and a busy conversation pays for the telling and not for each message.
 */
export class Teller {
  readonly #store: ConversationStore;
  readonly #room: Pick<Room, "publish" | "endSession">;
  readonly #setAlarm: (at: number) => Promise<void>;
  readonly #typedAt = new Map<string, number>();
  #running: Promise<void> | undefined;
  #tries = 0;

  constructor(
    store: ConversationStore,
    room: Pick<Room, "publish" | "endSession">,
    setAlarm: (at: number) => Promise<void>,
  ) {
    this.#store = store;
    this.#room = room;
    this.#setAlarm = setAlarm;
  }

  /** Tells all that devices have not been told; a failure is tried again by the alarm. */
  tell(context: Context<Env>): Promise<void> {
    this.#running ??= this.#tellAll(context)
      .catch(async (error: unknown) => {
        context.log.error("devices not told", { error: describeError(error) });
        await this.#setAlarm(context.now().getTime() + FIRST_RETRY_MS * 2 ** this.#tries);
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #tellAll(context: Context<Env>): Promise<void> {
    let calls = 0;
    for (let news = readUnpublished(this.#store); news !== null; news = readUnpublished(this.#store)) {
      const { hubs, room, gone } = news;
      const shards = this.#toOwnSockets(context, room, gone);
      const own = chunksOf(news.own, HUB_MEMBERS);
      // With the one that asks who mutes the sender.
      const round = hubs.length + own.length + shards.length + 1;
      // The alarm goes on, in an invocation of its own.
      if (calls > 0 && calls + round > CALLS_AT_ONCE) return this.#setAlarm(context.now().getTime());
      calls += round;
      this.#tries++;
      const results = await Promise.all([
        ...hubs.map(({ userIds, publications }) => this.#toHubs(context, userIds, publications)),
        ...own.map((deliveries) => this.#toEach(context, deliveries)),
        ...shards.map((shard) => this.#toShard(context, shard, room, gone)),
      ]);
      const failed = results.flatMap((result) => result.failed);
      // A hub is told in order: who was not reached gets this again, by its keys once, and before what comes later.
      if (failed.length > 0 && this.#tries < MAX_PUBLISH_TRIES)
        throw new Error(`Not reached: ${failed.join(", ")}`);
      this.#tries = 0;
      markPublished(this.#store, news);
      const away = results.flatMap((result) => result.away);
      await this.#remind(context, findUnreadAmong(this.#store, context.now(), away));
    }
  }

  async #toHubs(context: Context<Env>, userIds: string[], publications: Publication[]) {
    const { failed, connected } = await callTimeout.execute(() =>
      context.env.NOTIFICATIONS.publish(userIds, publications, traceparent(context.trace)),
    );
    return { failed, away: userIds.filter((id) => !connected.includes(id) && !failed.includes(id)) };
  }

  async #toEach(context: Context<Env>, deliveries: Unpublished["own"]) {
    const { failed, connected } = await callTimeout.execute(() =>
      context.env.NOTIFICATIONS.publishEach(deliveries, traceparent(context.trace)),
    );
    const known = new Set([...failed, ...connected]);
    return { failed, away: deliveries.map(({ userId }) => userId).filter((id) => !known.has(id)) };
  }

  /** Tells the sockets that this object holds, if any, at once. Returns the shards that are to be told besides. */
  #toOwnSockets(context: Context<Env>, publications: Publication[], gone: Gone[]): number[] {
    const shards = this.#store.shards();
    if (!shards.includes(OWN)) return shards;
    if (this.#room.publish(publications, gone)) leaveShard(this.#store, OWN, context.now());
    return shards.filter((shard) => shard !== OWN);
  }

  async #toShard(context: Context<Env>, shard: number, publications: Publication[], gone: Gone[]) {
    const room = this.#shardOf(context, shard);
    const ended = await callTimeout.execute(() => room.publish(publications, gone));
    if (ended) leaveShard(this.#store, shard, context.now());
    return { failed: [], away: [] };
  }

  #shardOf(context: Context<Env>, shard: number) {
    const { id } = this.#store.conversation();
    return watchObject(context, "ROOM", context.env.ROOM.getByName(`${id}:${shard}`));
  }

  /** Tells the log of those who have unread messages: at once who has no device connected, and after a while everybody. */
  async #remind(context: Context<Env>, unread: Unread | null): Promise<void> {
    if (unread === null) return;
    const { sender_id } = unread.message;
    const silencing =
      sender_id === null
        ? []
        : await callTimeout.execute(() =>
            context.env.USERS.silencing(
              sender_id,
              unread.members.map(({ userId }) => userId),
              traceparent(context.trace),
            ),
          );
    const members = unread.members.filter(({ userId }) => !silencing.includes(userId));
    remind(this.#store, context.now().toISOString(), { ...unread, members }, context.newId);
    await this.#setAlarm(context.now().getTime());
  }

  /** Tells of what is unread once that is due. */
  async remindDue(context: Context<Env>): Promise<void> {
    if (!this.#store.exists()) return;
    const { remind_at, last_seq } = this.#store.conversation();
    if (remind_at === null || remind_at > context.now().toISOString()) return;
    for (let after: string | null = ""; after !== null;) {
      const found = findUnread(this.#store, context.now(), after);
      await this.#remind(context, found.unread);
      after = found.last;
    }
    reminded(this.#store, context.now().toISOString(), last_seq);
  }

  /** Sets the alarm for what is due later. */
  async sleep(context: Context<Env>): Promise<void> {
    const remindAt = this.#store.exists() ? this.#store.conversation().remind_at : null;
    if (remindAt !== null) await this.#setAlarm(Math.max(Date.parse(remindAt), context.now().getTime()));
  }

  /** Tells the others that a member is typing, not more often than is of use. */
  async tellTyping(context: Context<Env>, { userId, at }: Act): Promise<void> {
    const now = Date.parse(at);
    if (now - (this.#typedAt.get(userId) ?? 0) < TYPING_MS) return;
    this.#typedAt.set(userId, now);
    const { id } = this.#store.conversation();
    const data: ChatEvent = { type: "typing", conversationId: id, userId };
    const others = this.#store.sql
      .exec<{ user_id: string }>(
        "SELECT user_id FROM members WHERE status = 'active' AND user_id <> ? LIMIT ?",
        userId,
        HUB_MEMBERS + 1,
      )
      .toArray()
      .map(({ user_id }) => user_id);
    const publication = (channel: string): Publication => ({ channel, data, ephemeral: true });
    const toRoom = [publication(roomChannel(id))];
    const shards = this.#toOwnSockets(context, toRoom, []);
    await Promise.all([
      ...(others.length > HUB_MEMBERS ? [] : [this.#toHubs(context, others, [publication(CHAT_CHANNEL)])]),
      ...shards.map((shard) => this.#toShard(context, shard, toRoom, [])),
    ]);
  }

  async endSession(context: Context<Env>, sessionId: string): Promise<void> {
    if (!this.#store.exists()) return;
    this.#room.endSession(sessionId);
    const shards = this.#store.shards().filter((shard) => shard !== OWN);
    await Promise.all(
      shards.map((shard) => callTimeout.execute(() => this.#shardOf(context, shard).endSession(sessionId))),
    );
  }
}
