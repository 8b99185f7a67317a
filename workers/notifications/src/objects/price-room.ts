import { realTime } from "@souk/kit/clock";
import { DurableObject } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { ChannelLog } from "@souk/kit/realtime/channel-log";
import { ChannelSockets } from "@souk/kit/realtime/channel-sockets";
import { CLOSE } from "@souk/kit/realtime/close-codes";
import { EndedSessions } from "@souk/kit/realtime/ended-sessions";
import { NO_FRAMES } from "@souk/kit/realtime/parse-frame";
import { callTimeout } from "@souk/kit/resilience";
import { RoomEnv } from "../env.ts";
import { shardOf, SHARD_SOCKETS } from "../price-rooms.ts";
import { Connection, LivePrice, RoomRequest } from "../schemas.ts";

/**
 * The live price of one pair: its newest value and those who follow it. The first object of a pair is told of each price and tells the
 * others, which exist when it is full.
 */
export class PriceRoom extends DurableObject<object> {
  readonly #rooms: DurableObjectNamespace<PriceRoom>;
  readonly #sockets: ChannelSockets;
  readonly #ended: EndedSessions;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#rooms = parseEnv(RoomEnv, env).PRICE_ROOM;
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
    if (shard > 0 && this.#latest(room) === undefined) await this.#join(room, shard);
    if (this.#latest(room) === undefined) return new Response(null, { status: 404 });
    if (this.#sockets.size >= SHARD_SOCKETS) return new Response(null, { status: 503 });
    return this.#sockets.connect(request.headers, connection, [room], realTime());
  }

  /** Keeps a price and sends it, unless a newer one is known; the other objects of the pair are told too. */
  async publish(room: string, price: LivePrice): Promise<void> {
    this.#keep(room, price);
    await this.#everyShard((shard) => this.#rooms.getByName(shardOf(room, shard)).publish(room, price));
  }

  /** Remembers another object of the pair, and gives it the newest price. */
  join(room: string, shard: number): LivePrice | undefined {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS shards (shard INTEGER PRIMARY KEY)");
    this.ctx.storage.sql.exec("INSERT INTO shards VALUES (?) ON CONFLICT DO NOTHING", shard);
    return this.#latest(room);
  }

  /** Closes the sockets of a session that has ended, here and in the other objects of the pair; it opens no more. */
  async endSession(room: string, sessionId: string, now: number): Promise<void> {
    this.#ended.end(sessionId, now);
    this.#sockets.close({ sessionId }, CLOSE.sessionEnded);
    await this.#everyShard((shard) =>
      this.#rooms.getByName(shardOf(room, shard)).endSession(room, sessionId, now),
    );
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

  async #join(room: string, shard: number): Promise<void> {
    const first = this.#rooms.getByName(shardOf(room, 0));
    const price = await callTimeout.execute(() => first.join(room, shard));
    if (price !== undefined) this.#keep(room, price);
  }

  async #everyShard(tell: (shard: number) => Promise<void>): Promise<void> {
    const { sql } = this.ctx.storage;
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'shards'").toArray().length === 0) return;
    const shards = sql.exec<{ shard: number }>("SELECT shard FROM shards").toArray();
    await Promise.all(shards.map(({ shard }) => callTimeout.execute(() => tell(shard))));
  }
}
