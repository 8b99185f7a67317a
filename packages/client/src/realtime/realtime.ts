import { ChannelState, type ChannelHandlers } from "./channel-state.ts";
import {
  FINAL_CODES,
  type ControlFrame,
  type Position,
  type ServerFrame,
  type SingleFrame,
} from "./frames.ts";
import { openWebSocket, type Connection, type ConnectionHandlers } from "./open-web-socket.ts";
import { Outbox } from "./outbox.ts";

/** How the waits before a new connection grow, in milliseconds; each is drawn by chance below its bound. */
const RECONNECT = { baseMs: 500, capMs: 30_000 } as const;

/** `waiting`: for the next attempt. `closed`: for good. */
export type RealtimeState = "connecting" | "open" | "waiting" | "closed";

export interface RealtimeOptions {
  /** Where to connect to, e.g. `wss://api.example.com/ws`. */
  url: string;
  /** A new ticket for each connection. What it throws ends everything when `isFinal` says so, else it is tried again. */
  ticket: () => Promise<string>;
  isFinal?: (error: unknown) => boolean;
  /** Told of each change, and why it is closed: the server's reason, or what `ticket` threw. */
  onState?: (state: RealtimeState, why?: unknown) => void;
  open?: (url: string, handlers: ConnectionHandlers) => Connection;
}

const isFinalCode = (code: number): boolean =>
  (code >= FINAL_CODES.from && code <= FINAL_CODES.to) || FINAL_CODES.besides.some((final) => final === code);

/** One connection that lasts: it comes back by itself, with what was missed, and sends what was to be sent meanwhile. */
export class Realtime {
  readonly #options: RealtimeOptions;
  readonly #channels = new Map<string, ChannelState>();
  readonly #outbox = new Outbox((text) => this.#connection?.send(text));
  #connection: Connection | undefined;
  #ready = false;
  #closed = false;
  #attempts = 0;
  #heard = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(options: RealtimeOptions) {
    this.#options = options;
    void this.#connect();
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
  send(frame: { type: string; id?: string } & Record<string, unknown>): Promise<unknown> {
    return this.#outbox.add(frame);
  }

  /** Ends it for good. */
  close(): void {
    this.#end("closed by the app");
    this.#connection?.close(1000);
  }

  async #connect(): Promise<void> {
    this.#options.onState?.("connecting");
    try {
      const ticket = await this.#options.ticket();
      if (this.#closed) return;
      const open = this.#options.open ?? openWebSocket;
      let mine: Connection | undefined;
      const current = () => mine !== undefined && this.#connection === mine;
      mine = open(`${this.#options.url}?ticket=${encodeURIComponent(ticket)}`, {
        onText: (text) => {
          if (current()) this.#take(text);
        },
        onClose: (code, reason) => {
          if (current()) this.#lost(code, reason);
        },
      });
      this.#connection = mine;
      this.#watch();
    } catch (error) {
      if (this.#options.isFinal?.(error) === true) this.#end(error);
      else this.#wait();
    }
  }

  /** A connection that says nothing between two heartbeats is lost, whatever it believes of itself. */
  #watch(ms = 25_000): void {
    clearInterval(this.#heartbeat);
    this.#heard = true;
    this.#heartbeat = setInterval(() => {
      if (!this.#heard) {
        this.#connection?.close();
        return this.#lost(1006, "silent");
      }
      this.#heard = false;
      if (this.#ready) this.#send({ type: "ping" });
    }, ms);
  }

  #take(text: string): void {
    this.#heard = true;
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
    this.#watch(heartbeatMs);
    this.#options.onState?.("open");
    for (const state of this.#channels.values()) this.#send(state.subscribe());
    this.#outbox.opened();
  }

  #lost(code: number, reason: string): void {
    this.#connection = undefined;
    this.#ready = false;
    clearInterval(this.#heartbeat);
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
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    this.#outbox.end(String(why));
    this.#options.onState?.("closed", why);
  }

  #send(frame: ControlFrame): void {
    this.#connection?.send(JSON.stringify(frame));
  }
}
