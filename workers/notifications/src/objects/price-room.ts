import { realTime } from "@souk/kit/clock";
import { DurableObject } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { ChannelLog } from "@souk/kit/realtime/channel-log";
import { ChannelSockets } from "@souk/kit/realtime/channel-sockets";
import { CLOSE } from "@souk/kit/realtime/close-codes";
import { EndedSessions } from "@souk/kit/realtime/ended-sessions";
import { NO_FRAMES } from "@souk/kit/realtime/parse-frame";
import { callTimeout } from "@souk/kit/resilience";
import { watchObject } from "@souk/kit/watch-object";
import { watchWork } from "@souk/kit/watch-work";
import { RoomEnv } from "../env.ts";
import { shardOf, SHARD_SOCKETS } from "../price-rooms.ts";
import { Connection, LivePrice, RoomRequest } from "../schemas.ts";

/**
 * The live price of one pair: its newest value and those who follow it. The first object of a pair is told of each price and tells the
 * others, which exist when it is full.
 */
export class PriceRoom extends DurableObject<object> {
  readonly #sockets: ChannelSockets;
  readonly #ended: EndedSessions;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#ended = new EndedSessions(state.storage.sql);
    this.#sockets = new ChannelSockets(state, new ChannelLog(state.storage.sql), {
      mayRead: (channel) => this.#latest(channel) !== undefined,
      latest: (channel) => this.#latest(channel),
    });
  }

  /** Accepts a WebSocket, or a stream of server-sent events, that `openPriceRoom` has authorised: 401 when its session has ended, 404 without a price, 503 when it is full. */
  override async fetch(request: Request): Promise<Response> {
    const connection = Connection.parse(JSON.parse(request.headers.get("x-connection") ?? "null"));
    const { room, shard } = RoomRequest.parse(JSON.parse(request.headers.get("x-room") ?? "null"));
    if (this.#ended.has(connection.sessionId)) return new Response(null, { status: 401 });
    if (shard > 0 && this.#latest(room) === undefined)
      await this.#join(room, shard, request.headers.get("traceparent"));
    if (this.#latest(room) === undefined) return new Response(null, { status: 404 });
    if (this.#sockets.size >= SHARD_SOCKETS) return new Response(null, { status: 503 });
    return this.#sockets.connect(request.headers, connection, [room], realTime());
  }

  /**
   * Keeps a price and sends it, unless a newer one is known; the other objects of the pair are told too.
   * @param cause the `traceparent` of who tells it
   */
  async publish(room: string, price: LivePrice, cause?: string): Promise<void> {
    this.#keep(room, price);
    await this.#tellShards("publish", room, cause, (shard) => shard.publish(room, price));
  }

  /** Remembers another object of the pair, and gives it the newest price. */
  join(room: string, shard: number): LivePrice | undefined {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS shards (shard INTEGER PRIMARY KEY)");
    this.ctx.storage.sql.exec("INSERT INTO shards VALUES (?) ON CONFLICT DO NOTHING", shard);
    return this.#latest(room);
  }

  /** Closes the sockets of a session that has ended, here and in the other objects of the pair; it opens no more. */
  async endSession(room: string, sessionId: string, now: number, cause?: string): Promise<void> {
    this.#ended.end(sessionId, now);
    this.#sockets.close({ sessionId }, CLOSE.sessionEnded);
    await this.#tellShards("endSession", room, cause, (shard) => shard.endSession(room, sessionId, now));
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#sockets.receive(socket, message, NO_FRAMES, realTime());
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.closed(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.closed(socket, 1011);
  }

  #latest(room: string): LivePrice | undefined {
    const text = this.#sockets.log.latest(room);
    return text === undefined ? undefined : LivePrice.parse(JSON.parse(text));
  }

  #keep(room: string, price: LivePrice): void {
    const known = this.#latest(room);
    if (known !== undefined && Date.parse(known.quotedAt) >= Date.parse(price.quotedAt)) return;
    this.#sockets.log.top(room);
    this.#sockets.publish([{ channel: room, data: price }], realTime());
  }

  async #join(room: string, shard: number, cause: string | null): Promise<void> {
    const context = this.#context(cause);
    const first = this.#object(context, room, 0);
    const price = await watchWork(context, "PriceRoom.fetch", () =>
      callTimeout.execute(() => first.join(room, shard)),
    );
    if (price !== undefined) this.#keep(room, price);
  }

  async #tellShards(
    method: string,
    room: string,
    cause: string | undefined,
    tell: (shard: Pick<PriceRoom, "publish" | "endSession">) => Promise<void>,
  ): Promise<void> {
    const { sql } = this.ctx.storage;
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'shards'").toArray().length === 0) return;
    const shards = sql.exec<{ shard: number }>("SELECT shard FROM shards").toArray();
    const context = this.#context(cause);
    await watchWork(context, `PriceRoom.${method}`, async () => {
      await Promise.all(
        shards.map(({ shard }) => callTimeout.execute(() => tell(this.#object(context, room, shard)))),
      );
    });
  }

  /** Another object of the pair. */
  #object(context: Context<RoomEnv>, room: string, shard: number) {
    return watchObject(context, "PRICE_ROOM", context.env.PRICE_ROOM.getByName(shardOf(room, shard)));
  }

  #context(cause: string | null | undefined): Context<RoomEnv> {
    return createContext(parseEnv(RoomEnv, this.env), {
      service: "notifications",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent: cause,
    });
  }
}
