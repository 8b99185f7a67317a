import { realTime } from "@souk/kit/clock";
import { DurableObject } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { ChannelLog } from "@souk/kit/realtime/channel-log";
import { ChannelSockets } from "@souk/kit/realtime/channel-sockets";
import { CLOSE } from "@souk/kit/realtime/close-codes";
import { EndedSessions } from "@souk/kit/realtime/ended-sessions";
import { REALTIME } from "@souk/kit/realtime/limits";
import type { Publication } from "@souk/kit/realtime/frames";
import { callTimeout } from "@souk/kit/resilience";
import type { PresenceState } from "@souk/kit/rpc";
import { traceparent } from "@souk/kit/trace";
import { wakeBy } from "@souk/kit/wake-by";
import { watchObject } from "@souk/kit/watch-object";
import { watchWork } from "@souk/kit/watch-work";
import type { z } from "zod";
import { HubEnv } from "../env.ts";
import { isPriceRoom } from "../price-rooms.ts";
import {
  Connection,
  HUB_CHANNELS,
  HUB_FRAMES,
  type DeliveryReport,
  type InboxEvent,
  type InboxLatest,
  type Notification,
  type Unread,
} from "../schemas.ts";
import { HubStorage } from "./hub-storage.ts";
import { PresenceTeller } from "./presence-teller.ts";

const channels: readonly string[] = HUB_CHANNELS;

/** One person's open sockets, their channels and tickets. Sockets hibernate; whatever matters is in SQLite or on the socket. */
export class UserHub extends DurableObject<object> {
  readonly #kept: HubStorage;
  readonly #ended: EndedSessions;
  readonly #sockets: ChannelSockets;
  readonly #presence: PresenceTeller;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#kept = new HubStorage(state.storage.sql);
    this.#ended = new EndedSessions(state.storage.sql);
    this.#sockets = new ChannelSockets(state, new ChannelLog(state.storage.sql), {
      mayRead: (channel) => channels.includes(channel),
      latest: (channel) => (channel === "inbox" ? this.#inbox() : undefined),
      // A hub that was told to forget has no channels, and keeps nothing anew.
      onGone: (peer) => {
        if (channels.some((channel) => this.#sockets.log.has(channel))) this.#presence.gone(peer);
        state.waitUntil(this.#presence.tell());
      },
    });
    const { storage } = state;
    this.#presence = new PresenceTeller(
      storage.sql,
      this.#sockets,
      (cause) => this.#context(cause),
      (at) => wakeBy(storage, at),
    );
  }

  /** Keeps a ticket's hash until it expires (both times in milliseconds); expired ones go. */
  keepTicket(ticket: { hash: string; sessionId: string; now: number; expiresAt: number }): void {
    this.#kept.keepTicket(ticket);
  }

  /** Uses a ticket up. Returns the session it was made for; null when it is unknown, used or expired. */
  redeemTicket(hash: string, now: number): string | null {
    return this.#kept.redeemTicket(hash, now);
  }

  /** Admits a session to a room, which is remembered; false when it has ended. */
  admit(sessionId: string, room: string): boolean {
    if (this.#ended.has(sessionId)) return false;
    this.#kept.enterRoom(sessionId, room);
    return true;
  }

  /** The rooms that a session was admitted to. */
  roomsOf(sessionId: string): string[] {
    return this.#kept.roomsOf(sessionId);
  }

  /**
   * Closes the sockets of a session, also those in price rooms; for two hours, longer than its access token lives, neither its tickets nor
   * it opens more.
   * @param cause the `traceparent` of who has it done
   */
  async endSession(sessionId: string, now: number, cause?: string): Promise<void> {
    for (const forgotten of this.#ended.end(sessionId, now)) this.#kept.leaveRooms(forgotten);
    this.#sockets.close({ sessionId }, CLOSE.sessionEnded);
    const rooms = this.#kept.roomsOf(sessionId).filter(isPriceRoom);
    if (rooms.length === 0) return;
    const context = this.#context(cause);
    const { PRICE_ROOM } = context.env;
    await watchWork(context, "UserHub.endSession", async () => {
      await Promise.all(
        rooms.map((room) => {
          const object = watchObject(context, "PRICE_ROOM", PRICE_ROOM.getByName(room));
          return callTimeout.execute(() =>
            object.endSession(room, sessionId, now, traceparent(context.trace)),
          );
        }),
      );
    });
  }

  /**
   * Accepts a WebSocket, or a stream of server-sent events, that has been authorised; 401 when its session has ended. The oldest goes when
   * there are too many.
   */
  override async fetch(request: Request): Promise<Response> {
    const connection = Connection.parse(JSON.parse(request.headers.get("x-connection") ?? "null"));
    if (this.#ended.has(connection.sessionId)) return new Response(null, { status: 401 });
    await this.#trimLater();
    const answer = this.#sockets.connect(request.headers, connection, HUB_CHANNELS, realTime());
    this.ctx.waitUntil(this.#presence.tell(request.headers.get("traceparent")));
    return answer;
  }

  /** Sends a notification to all sockets, once. */
  deliver(notification: Notification, unread: Unread): void {
    this.#tell(notification.id, () => ({
      type: "notification",
      notification,
      unread: this.#kept.newestUnread(unread),
    }));
  }

  /** Sends the unread count to all sockets, unless a later one is known. */
  count(unread: Unread): void {
    this.#tell(undefined, () => ({ type: "unread", unread: this.#kept.newestUnread(unread) }));
  }

  /** The count as it is when a device connects, which changes nothing. */
  recount(unread: Unread): void {
    const data: InboxEvent = { type: "unread", unread: this.#kept.newestUnread(unread) };
    this.publish([{ channel: "inbox", data, ephemeral: true }]);
  }

  /** Tells all sockets what became of the mail about a notification. */
  report(report: DeliveryReport): void {
    const { notificationId, status, at } = report;
    this.#tell(`${notificationId}:${status}:${at}`, () => report);
  }

  /** Keeps and sends what happened. Returns whether a device is connected. */
  publish(publications: Publication[]): boolean {
    const now = realTime();
    this.#sockets.publish(publications, now);
    return this.#sockets.alive(now).length > 0;
  }

  /** The person over all their devices. */
  presence(userId: string): PresenceState {
    return this.#presence.presence(userId);
  }

  /** The same, and the watcher is told of each change for some minutes. */
  watch(userId: string, watcherId: string): Promise<PresenceState> {
    return this.#presence.watch(userId, watcherId);
  }

  /** @param watcherId null for all */
  unwatch(watcherId: string | null): void {
    this.#presence.unwatch(watcherId);
  }

  /** Closes every socket and keeps nothing any more: the person is erased. */
  async forget(): Promise<void> {
    this.#sockets.close("all", CLOSE.accountGone);
    this.#sockets.log.end();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /**
   * Tells watchers what has settled. What nobody can catch up on any more goes; and the channels, when nobody has come for as long.
   */
  override async alarm(): Promise<void> {
    const now = realTime();
    const isKept = this.#sockets.log.trim(now) || this.#sockets.size > 0;
    if (isKept || (this.#presence.leftAt() ?? 0) > now - REALTIME.log.ageMs) await this.#trimLater();
    else {
      this.#sockets.log.end();
      this.#kept.forgetUnread();
    }
    await this.#presence.tell();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> | undefined {
    const received = this.#sockets.receive(socket, message, HUB_FRAMES, realTime());
    if (received === undefined) return undefined;
    const { frame, peer } = received;
    peer.setIdle(frame.idle, realTime());
    peer.send({ type: "ack", id: frame.id });
    return this.#presence.tell();
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.closed(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.webSocketClose(socket, 1011);
  }

  #context(cause?: string | null): Context<HubEnv> {
    return createContext(parseEnv(HubEnv, this.env), {
      service: "notifications",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent: cause,
    });
  }

  #inbox(): z.infer<typeof InboxLatest> | undefined {
    const unread = this.#kept.unread();
    return unread === undefined ? undefined : { unread };
  }

  /** Where nobody has ever listened there is nothing to keep: who connects later reads the list. */
  #tell(key: string | undefined, event: () => InboxEvent): void {
    if (this.#sockets.log.has("inbox"))
      this.publish([{ channel: "inbox", data: event(), ...(key !== undefined && { key }) }]);
  }

  #trimLater(): Promise<void> {
    return wakeBy(this.ctx.storage, realTime() + REALTIME.log.ageMs);
  }
}
