import { ChannelLog } from "./channel-log.ts";
import { CLOSE, sendableCode, type Close } from "./close-codes.ts";
import { Coalescer } from "./coalescer.ts";
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
import { type OwnFrames, parseClientFrame } from "./parse-frame.ts";
import { Peer, type Connection } from "./peer.ts";

const userTag = (userId: string): string => `user:${userId}`;
const sessionTag = (sessionId: string): string => `session:${sessionId}`;
const CONTROL = new Set<string>([
  "ping",
  "subscribe",
  "unsubscribe",
  "received",
] satisfies ControlFrame["type"][]);
const isControl = (frame: { type: string }): frame is ControlFrame => CONTROL.has(frame.type);

export interface Options {
  /** Whether this socket's person may read the channel. */
  mayRead: (channel: string, connection: Connection) => boolean;
  /** What holds now, told with each subscription; undefined where that is not known or a channel has none. */
  latest?: (channel: string) => unknown;
}

/** The sockets of one Durable Object and its channels. The object keeps nothing that matters in memory, nor does this. */
export class ChannelSockets {
  readonly log: ChannelLog;
  readonly #state: DurableObjectState;
  readonly #options: Options;
  readonly #peers = new Map<WebSocket, Peer>();
  readonly #coalescers = new Map<string, Coalescer>();
  #sweptAt = 0;

  /** To be made in the object's constructor. */
  constructor(state: DurableObjectState, log: ChannelLog, options: Options) {
    this.log = log;
    this.#state = state;
    this.#options = options;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair('{"type":"ping"}', '{"type":"pong"}'));
    for (const socket of state.getWebSockets())
      if (socket.readyState === WebSocket.OPEN) this.#peers.set(socket, Peer.woken(socket));
    // Frames may have waited in the memory that is gone: who did not get them sees it by this.
    for (const peer of this.#peers.values())
      for (const channel of peer.channels) peer.send({ type: "position", channel, ...log.top(channel) });
  }

  /** Opens a socket; when the person has too many here, the oldest goes. Returns the answer that carries it. */
  accept(connection: Connection): Response {
    const { userId, sessionId, connectedAt } = connection;
    const mine = this.#tagged(userTag(userId)).toSorted((a, b) =>
      a.connection.connectedAt.localeCompare(b.connection.connectedAt),
    );
    for (const peer of mine.slice(0, Math.max(0, mine.length - REALTIME.socketsPerUser + 1)))
      this.#close(peer, CLOSE.tooManySockets);
    const { 0: client, 1: server } = new WebSocketPair();
    this.#state.acceptWebSocket(server, [userTag(userId), sessionTag(sessionId)]);
    const peer = Peer.open(server, connection);
    this.#peers.set(server, peer);
    peer.send({ type: "hello", userId, at: connectedAt, heartbeatMs: REALTIME.heartbeatMs });
    return new Response(null, { status: 101, webSocket: client });
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
    if (flooding) return this.#close(peer, CLOSE.tooManyFrames);
    const parsed = parseClientFrame(message, own);
    if (parsed.is === "too_large") return this.#close(peer, CLOSE.tooLarge);
    if (!allowed) {
      const id = parsed.is === "frame" ? idOf(parsed.frame) : parsed.id;
      return refuse(peer, "too_many_frames", { retryAfter, ...(id !== undefined && { id }) });
    }
    if (parsed.is === "error") {
      const { code, message: why, id } = parsed;
      peer.send({ type: "error", code, message: why, ...(id !== undefined && { id }) });
      return undefined;
    }
    const { frame } = parsed;
    if (!isControl(frame)) return { frame, peer };
    this.#control(peer, frame, now);
    return undefined;
  }

  /**
   * Stores what happened and sends it to whoever subscribes. What is ephemeral is only sent.
   * @returns the positions of what is new, in order; null for a repeat of a key, what is ephemeral, or a channel that nobody ever subscribed to
   */
  publish(publications: Publication[], now: number): (Position | null)[] {
    this.#sweep(now);
    return publications.map(({ channel, data, ephemeral = false, key }) => {
      const text = JSON.stringify(data);
      if (ephemeral) {
        this.broadcast(channel, ephemeralText(channel, text));
        return null;
      }
      if (!this.log.has(channel)) return null;
      const position = this.log.append(channel, text, now, key);
      if (position !== null) this.broadcast(channel, eventText(channel, position, text));
      return position;
    });
  }

  /** Sends a frame, as JSON, to all that subscribe to the channel; frames of a busy channel go together. */
  broadcast(channel: string, frame: string): void {
    let coalescer = this.#coalescers.get(channel);
    if (coalescer === undefined) {
      coalescer = new Coalescer((text) => {
        for (const peer of this.#peers.values()) if (peer.channels.includes(channel)) peer.sendText(text);
      });
      this.#coalescers.set(channel, coalescer);
    }
    coalescer.add(frame);
  }

  /** Closes the sockets of a session, of a person, or all. */
  close(whose: { sessionId: string } | { userId: string } | "all", why: Close): void {
    const peers =
      whose === "all"
        ? [...this.#peers.values()]
        : this.#tagged("sessionId" in whose ? sessionTag(whose.sessionId) : userTag(whose.userId));
    for (const peer of peers) this.#close(peer, why);
  }

  /** To be called when a socket has closed: the platform leaves it to us to answer. */
  closed(socket: WebSocket, code: number): void {
    this.#peers.delete(socket);
    socket.close(sendableCode(code));
  }

  /** Sockets whose client gave a sign of life lately. */
  alive(now: number): Peer[] {
    return [...this.#peers.values()].filter(({ socket, connection }) => {
      const heard = this.#state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
      return Math.max(heard, Date.parse(connection.connectedAt)) > now - REALTIME.silentMs;
    });
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Closes what has been silent for long, now and then. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < REALTIME.heartbeatMs) return;
    this.#sweptAt = now;
    const alive = new Set(this.alive(now));
    for (const peer of this.#peers.values()) if (!alive.has(peer)) this.#close(peer, CLOSE.silent);
  }

  #tagged(tag: string): Peer[] {
    return this.#state.getWebSockets(tag).flatMap((socket) => this.#peers.get(socket) ?? []);
  }

  #close(peer: Peer, why: Close): undefined {
    this.#peers.delete(peer.socket);
    peer.close(why);
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
      eventText(channel, { epoch: top.epoch, offset }, data),
    );
    for (const text of pagesOf(events)) peer.sendText(text);
  }
}

const idOf = (frame: { type: string; id?: unknown }): string | undefined =>
  typeof frame.id === "string" ? frame.id : undefined;

function refuse(
  peer: Peer,
  code: FrameError,
  about: Omit<Extract<SingleFrame, { type: "error" }>, "type" | "code" | "message"> = {},
): undefined {
  peer.send({ type: "error", code, message: FRAME_ERRORS[code], ...about });
}
