import { ChannelState, type ChannelHandlers } from "./channel-state.ts";
import {
  FINAL_CODES,
  type ControlFrame,
  type Position,
  type ServerFrame,
  type SingleFrame,
} from "./frames.ts";
import { Heartbeat } from "./heartbeat.ts";
import { openEventStream } from "./open-event-stream.ts";
import { openWebSocket, type Connection, type ConnectionHandlers } from "./open-web-socket.ts";
import type { RealtimeOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import type { AskingFrame, TellingFrame } from "./own-frames.ts";
import { Ways } from "./ways.ts";

/** How the waits before a new connection grow, in milliseconds; each is drawn by chance below its bound. */
const RECONNECT = { baseMs: 500, capMs: 30_000 } as const;
/** How long a connection may take until it says hello, and an open one to answer when it is asked whether it is still there. */
const OPEN_MS = 10_000;
const PROBE_MS = 5_000;

const isFinalCode = (code: number): boolean =>
  (code >= FINAL_CODES.from && code <= FINAL_CODES.to) || FINAL_CODES.besides.some((final) => final === code);

/** One connection that lasts: it comes back by itself, with what was missed, and sends what was to be sent meanwhile. */
export class Realtime {
  readonly #options: RealtimeOptions;
  readonly #channels = new Map<string, ChannelState>();
  readonly #outbox = new Outbox((text) => this.#connection?.send(text));
  readonly #ways = new Ways();
  readonly #heartbeat: Heartbeat;
  readonly #sleep: () => void;
  #connection: Connection | undefined;
  #streams = false;
  #ready = false;
  #closed = false;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RealtimeOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(
      () => this.#send({ type: "ping" }),
      () => this.#drop("silent"),
    );
    this.#sleep = options.onWake?.(() => this.#wake()) ?? (() => {});
    void this.#connect();
  }

  /** How it is connected: by a stream, which takes no frames, where WebSockets seem to be blocked. Undefined while it is not. */
  get way(): "socket" | "stream" | undefined {
    if (!this.#ready) return undefined;
    return this.#streams ? "stream" : "socket";
  }

  /**
   * Follows a channel from now on, or from where an earlier run was.
   * @returns ends it
   */
  subscribe(channel: string, handlers: ChannelHandlers, since?: Position): () => void {
    const state = new ChannelState(channel, handlers, since);
    this.#channels.set(channel, state);
    const frame = state.subscribe();
    if (this.#ready) this.#send(frame);
    return () => {
      if (this.#channels.get(channel) !== state) return;
      this.#channels.delete(channel);
      if (this.#ready) this.#send({ type: "unsubscribe", channel });
    };
  }

  /**
   * Sends a frame of a service, now or when there is a connection; never twice for the server, which knows it by its id.
   * @returns what the server's answer says
   * @throws RealtimeError with the server's code, or `queue_full`, or `closed`
   */
  send(frame: AskingFrame): Promise<unknown> {
    return this.#outbox.add(frame);
  }

  /** Says what holds for the moment and has no answer, e.g. that somebody types: now, or not at all where no socket is open. */
  tell(frame: TellingFrame): void {
    if (this.way === "socket") this.#connection?.send(JSON.stringify(frame));
  }

  /** Ends it for good. */
  close(): void {
    this.#end("closed by the app");
    this.#connection?.close(1000);
  }

  async #connect(): Promise<void> {
    this.#timer = undefined;
    this.#options.onState?.("connecting");
    try {
      const ticket = encodeURIComponent(await this.#options.ticket());
      if (this.#closed) return;
      let mine: Connection | undefined;
      const current = () => mine !== undefined && this.#connection === mine;
      const handlers: ConnectionHandlers = {
        onText: (text) => {
          if (current()) this.#take(text);
        },
        onClose: (code, reason) => {
          if (current()) this.#lost(code, reason);
        },
      };
      const { url, streamUrl, open = openWebSocket } = this.#options;
      this.#streams = streamUrl !== undefined && this.#ways.next() === "stream";
      mine = this.#streams
        ? openEventStream(`${streamUrl}?ticket=${ticket}&lastEventId=${this.#cursor()}`, handlers)
        : open(`${url}?ticket=${ticket}`, handlers);
      this.#connection = mine;
      this.#heartbeat.within(OPEN_MS);
    } catch (error) {
      if (this.#closed) return;
      if (this.#options.isFinal?.(error) === true) this.#end(error);
      else this.#wait();
    }
  }

  /** Where each channel is, as a stream's address says it. */
  #cursor(): string {
    const entries = [...this.#channels].map(([channel, { position }]) =>
      position === undefined ? [] : `${channel}:${position.epoch}:${position.offset}`,
    );
    return encodeURIComponent(entries.flat().join(","));
  }

  /** The device was asleep or has another network: an attempt is made at once, and an open connection has to show that it is still there. */
  #wake(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#attempts = 0;
      this.#ways.reset();
      void this.#connect();
    } else if (this.#ready && !this.#streams) {
      this.#send({ type: "ping" });
      this.#heartbeat.within(PROBE_MS);
    }
  }

  #take(text: string): void {
    this.#heartbeat.heard();
    // The server keeps to its document, as its own tests show.
    const frame = JSON.parse(text) as ServerFrame;
    for (const single of frame.type === "batch" ? frame.frames : [frame]) this.#takeSingle(single);
  }

  #takeSingle(frame: SingleFrame): void {
    if (frame.type === "hello") this.#opened(frame.heartbeatMs);
    else if (frame.type === "mark") this.#send({ type: "received", mark: frame.mark });
    else if (frame.type === "ack") this.#outbox.acknowledged(frame.id, frame.data);
    else if (frame.type === "error" && frame.id !== undefined)
      this.#outbox.refused(frame.id, frame.code, frame.message, frame.retryAfter);
    else if ("channel" in frame && frame.channel !== undefined) {
      const state = this.#channels.get(frame.channel);
      if (frame.type === "unsubscribed" || frame.type === "error") this.#channels.delete(frame.channel);
      const answer = state?.take(frame);
      if (answer !== undefined) this.#send(answer);
    }
  }

  #opened(heartbeatMs: number): void {
    this.#ready = true;
    this.#attempts = 0;
    if (!this.#streams) this.#ways.reset();
    // The signs of life of a stream come as often as a socket is asked for them, and not in step with us.
    this.#heartbeat.every(this.#streams ? 2 * heartbeatMs : heartbeatMs);
    this.#options.onState?.("open");
    for (const state of this.#channels.values()) {
      const frame = state.subscribe();
      if (!this.#streams) this.#send(frame);
    }
    if (!this.#streams) this.#outbox.opened();
  }

  #drop(why: string): void {
    this.#connection?.close();
    this.#lost(1006, why);
  }

  #lost(code: number, reason: string): void {
    this.#connection = undefined;
    this.#ready = false;
    this.#heartbeat.stop();
    this.#outbox.lost();
    if (this.#closed) return;
    if (isFinalCode(code)) this.#end(reason);
    else this.#wait();
  }

  #wait(): void {
    this.#options.onState?.("waiting");
    const bound = Math.min(RECONNECT.capMs, RECONNECT.baseMs * 2 ** this.#attempts++);
    this.#timer = setTimeout(() => void this.#connect(), Math.random() * bound);
  }

  #end(why: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ready = false;
    clearTimeout(this.#timer);
    this.#heartbeat.stop();
    this.#sleep();
    this.#outbox.end(String(why));
    this.#options.onState?.("closed", why);
  }

  /** To a stream nothing can be said: what is to be followed besides, or again, its successor is told by the cursor. */
  #send(frame: ControlFrame): void {
    if (this.#streams && frame.type === "subscribe") return this.#drop("another subscription");
    this.#connection?.send(JSON.stringify(frame));
  }
}
