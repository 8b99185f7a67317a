import { ChannelLog } from "./channel-log.ts";
import { CLOSE, sendableCode, type Close } from "./close-codes.ts";
import { Coalescer } from "./coalescer.ts";
import { EventStream, readCursor } from "./event-stream.ts";
import { ephemeralText, eventText, pagesOf } from "./frame-text.ts";
import {
  FRAME_ERRORS,
  type ControlFrame,
  type FrameError,
  type Position,
  type Publication,
  type SingleFrame,
} from "./frames.ts";
import { REALTIME } from "./limits.ts";
import { socketLine } from "./line.ts";
import { type OwnFrames, parseClientFrame } from "./parse-frame.ts";
import { Peer, type Connection } from "./peer.ts";
import { Peers, type Whose } from "./peers.ts";

const CONTROL = new Set<string>([
  "ping",
  "subscribe",
  "unsubscribe",
  "received",
] satisfies ControlFrame["type"][]);
const isControl = (frame: { type: string }): frame is ControlFrame => CONTROL.has(frame.type);

/** What an event tells of is at a place; who may see only what comes later is sent other data instead. */
interface Placed {
  place: number;
  instead: object;
}

export interface Options {
  /** Whether this socket's person may read the channel. */
  mayRead: (channel: string, connection: Connection) => boolean;
  /** What holds now, told with each subscription; undefined where that is not known or a channel has none. */
  latest?: (channel: string) => unknown;
  /** The place of an event's data, where not everybody who reads the channel may see all that it tells. */
  place?: (data: unknown) => Placed | undefined;
  /** Told of who has gone. */
  onGone?: (peer: Peer) => void;
}

/** The sockets of one Durable Object and its channels. The object keeps nothing that matters in memory, nor does this. */
export class ChannelSockets {
  readonly log: ChannelLog;
  readonly #state: DurableObjectState;
  readonly #options: Options;
  readonly #peers = new Peers();
  readonly #coalescers = new Map<string, Coalescer>();

  /** To be made in the object's constructor. */
  constructor(state: DurableObjectState, log: ChannelLog, options: Options) {
    this.log = log;
    this.#state = state;
    this.#options = options;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair('{"type":"ping"}', '{"type":"pong"}'));
    for (const socket of state.getWebSockets())
      if (socket.readyState === WebSocket.OPEN)
        this.#peers.set(socket, Peer.woken(socketLine(state, socket), socket.deserializeAttachment()));
    // Frames may have waited in the memory that is gone: who did not get them sees it by this.
    for (const peer of this.#peers.all())
      for (const channel of peer.channels) peer.send({ type: "position", channel, ...log.top(channel) });
  }

  /** Opens a socket; when the person has too many here, the oldest goes. Returns the answer that carries it. */
  accept(connection: Connection): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#peers.makeRoom(connection);
    this.#state.acceptWebSocket(server);
    this.#greet(server, Peer.open(socketLine(this.#state, server), connection));
    return new Response(null, { status: 101, webSocket: client });
  }

  /**
   * Opens a stream of server-sent events that subscribes to channels by itself, each from where the cursor is.
   * @param cursor what the client sent as `Last-Event-ID`
   * @returns the answer that carries it
   */
  stream(connection: Connection, channels: readonly string[], cursor: string, now: number): Response {
    this.#peers.makeRoom(connection);
    const stream = new EventStream(() => {
      this.#peers.remove(stream);
      this.#options.onGone?.(peer);
    });
    const positions = readCursor(cursor);
    stream.start(new Map([...positions].filter(([channel]) => channels.includes(channel))));
    const peer = Peer.open(stream, connection);
    stream.onTaken = (mark) => peer.received(mark);
    this.#greet(stream, peer);
    for (const channel of channels) {
      const since = positions.get(channel);
      this.#subscribe(peer, { type: "subscribe", channel, ...(since && { since }) }, now);
    }
    return stream.answer;
  }

  /** Opens what the headers of a request ask for: a socket, or a stream of these channels. */
  connect(asked: Headers, connection: Connection, channels: readonly string[], now: number): Response {
    const cursor = asked.get("last-event-id") ?? "";
    return asked.has("upgrade") ? this.accept(connection) : this.stream(connection, channels, cursor, now);
  }

  /**
   * Takes what a client sent: answers the protocol's own frames and all that is wrong.
   * @returns a frame of the service's own with whom it is from; undefined when there is nothing more to do
   */
  receive<Own extends { type: string }>(
    socket: WebSocket,
    message: string | ArrayBuffer,
    own: OwnFrames<Own>,
    now: number,
  ): { frame: Own; peer: Peer } | undefined {
    const peer = this.#peers.get(socket);
    if (peer === undefined) return undefined;
    const { allowed, flooding, retryAfter } = peer.take(now);
    const parsed = flooding ? undefined : parseClientFrame(message, own);
    if (parsed === undefined) this.#peers.close(peer, CLOSE.tooManyFrames);
    else if (parsed.is === "too_large") this.#peers.close(peer, CLOSE.tooLarge);
    else if (!allowed) {
      const id = parsed.is === "frame" ? idOf(parsed.frame) : parsed.id;
      refuse(peer, "too_many_frames", { retryAfter, ...(id !== undefined && { id }) });
    } else if (parsed.is === "error") {
      const { code, message: why, id } = parsed;
      peer.send({ type: "error", code, message: why, ...(id !== undefined && { id }) });
    } else if (isControl(parsed.frame)) this.#control(peer, parsed.frame, now);
    else return { frame: parsed.frame, peer };
    return undefined;
  }

  /**
   * Stores what happened, keeps no more what that supersedes, and sends it to whoever subscribes. What is ephemeral is only sent.
   * @returns the positions of what is new, in order; null for a repeat of a key, what is ephemeral, or a channel that nobody ever subscribed to
   */
  publish(publications: Publication[], now: number): (Position | null)[] {
    this.#peers.sweep(now);
    return publications.map(({ channel, data, ephemeral = false, key, supersedes }) => {
      const text = JSON.stringify(data);
      if (ephemeral) {
        this.broadcast(channel, ephemeralText(channel, text));
        return null;
      }
      if (!this.log.has(channel)) return null;
      const position = this.log.append(channel, text, now, key);
      // Of a repeat too: it may be that the first one was never answered.
      if (supersedes !== undefined) this.log.replace(channel, supersedes, text);
      if (position === null) return null;
      const placed = this.#options.place?.(data);
      const event = eventText(channel, position, text);
      if (placed === undefined || this.#seenByAll(channel, placed)) this.broadcast(channel, event);
      else this.#sendToEach(channel, event, placed, position);
      return position;
    });
  }

  /** Sends a frame, as JSON, to all that subscribe to the channel; frames of a busy channel go together. */
  broadcast(channel: string, frame: string): void {
    let coalescer = this.#coalescers.get(channel);
    if (coalescer === undefined) {
      coalescer = new Coalescer((text) => {
        let sockets = 0;
        for (const peer of this.#peers.all()) {
          if (!peer.channels.includes(channel)) continue;
          peer.sendText(text);
          sockets++;
        }
        return sockets;
      });
      this.#coalescers.set(channel, coalescer);
    }
    coalescer.add(frame);
  }

  #seenByAll(channel: string, placed: Placed): boolean {
    for (const peer of this.#peers.all())
      if (peer.channels.includes(channel) && !maySee(peer, placed)) return false;
    return true;
  }

  #sendToEach(channel: string, event: string, placed: Placed, position: Position): void {
    this.#coalescers.get(channel)?.flush();
    const other = eventText(channel, position, JSON.stringify(placed.instead));
    for (const peer of this.#peers.all())
      if (peer.channels.includes(channel)) peer.sendText(maySee(peer, placed) ? event : other);
  }

  /** An event of the log, as JSON, as this peer may see it. */
  #shown(peer: Peer, data: string): string {
    if (peer.connection.visibleFrom === undefined) return data;
    const placed = this.#options.place?.(JSON.parse(data));
    return placed === undefined || maySee(peer, placed) ? data : JSON.stringify(placed.instead);
  }

  /** Closes sockets. */
  close(whose: Whose, why: Close): void {
    this.#peers.closeAll(whose, why);
  }

  /** To be called when a socket has closed: the platform leaves it to us to answer. */
  closed(socket: WebSocket, code: number): void {
    // Who closed while the object slept was not woken with it.
    const peer =
      this.#peers.get(socket) ?? Peer.woken(socketLine(this.#state, socket), socket.deserializeAttachment());
    this.#peers.remove(socket);
    socket.close(sendableCode(code));
    this.#options.onGone?.(peer);
  }

  peers(): Iterable<Peer> {
    return this.#peers.all();
  }

  /** Peers whose client gave a sign of life lately. */
  alive(now: number): Peer[] {
    return this.#peers.alive(now);
  }

  get size(): number {
    return this.#peers.size;
  }

  #greet(line: object, peer: Peer): void {
    const { userId, connectedAt } = peer.connection;
    this.#peers.set(line, peer);
    peer.send({ type: "hello", userId, at: connectedAt, heartbeatMs: REALTIME.heartbeatMs });
  }

  #control(peer: Peer, frame: ControlFrame, now: number): void {
    if (frame.type === "ping") peer.send({ type: "pong" });
    else if (frame.type === "received") peer.received(frame.mark);
    else if (frame.type === "unsubscribe") {
      peer.unsubscribe(frame.channel);
      peer.send({ type: "unsubscribed", channel: frame.channel });
    } else this.#subscribe(peer, frame, now);
  }

  #subscribe(
    peer: Peer,
    { channel, since }: Extract<ControlFrame, { type: "subscribe" }>,
    now: number,
  ): void {
    if (!this.#options.mayRead(channel, peer.connection)) return refuse(peer, "unknown_channel", { channel });
    if (!peer.channels.includes(channel) && peer.channels.length >= REALTIME.subscriptionsPerSocket)
      return refuse(peer, "too_many_subscriptions", { channel });
    // What waits is before this subscription's position: it goes to those who were there.
    this.#coalescers.get(channel)?.flush();
    const missed = since === undefined ? null : this.log.since(channel, since, now);
    const top = this.log.top(channel);
    const latest = this.#options.latest?.(channel);
    peer.subscribe(channel);
    peer.send({
      type: "subscribed",
      channel,
      ...top,
      recovered: missed !== null,
      ...(latest !== undefined && { latest }),
    });
    const events = (missed ?? []).map(({ offset, data }) =>
      eventText(channel, { epoch: top.epoch, offset }, this.#shown(peer, data)),
    );
    for (const text of pagesOf(events)) peer.sendText(text);
  }
}

const maySee = ({ connection: { visibleFrom = 0 } }: Peer, { place }: Placed): boolean =>
  place >= visibleFrom;

const idOf = (frame: { type: string; id?: unknown }): string | undefined =>
  typeof frame.id === "string" ? frame.id : undefined;

function refuse(
  peer: Peer,
  code: FrameError,
  about: Omit<Extract<SingleFrame, { type: "error" }>, "type" | "code" | "message"> = {},
): void {
  peer.send({ type: "error", code, message: FRAME_ERRORS[code], ...about });
}
