import { z } from "zod";
import { Position, ServerFrame, type SingleFrame } from "./frames.ts";
import type { Line } from "./line.ts";
import { REALTIME } from "./limits.ts";

/** Where a client stands in each channel: what it sends as `Last-Event-ID`, `inbox:3f2a9c1e:17,chat:...`. */
export type Cursor = Map<string, Position>;

const Parts = z.tuple([z.string(), z.string(), z.string()]);

export const cursorText = (cursor: Cursor): string =>
  [...cursor].map(([channel, { epoch, offset }]) => `${channel}:${epoch}:${offset}`).join(",");

/** The cursor that a client sent back; of what is none of ours nothing is recovered. */
export const readCursor = (text: string): Cursor =>
  new Map(
    text.split(",").flatMap((entry) => {
      const parts = Parts.safeParse(entry.split(":")).data;
      if (parts === undefined) return [];
      const [channel, epoch, offset] = parts;
      const position = Position.safeParse({ epoch, offset: Number(offset) }).data;
      return position === undefined ? [] : [[channel, position] as const];
    }),
  );

const encoder = new TextEncoder();

/**
 * A stream of server-sent events as a line: each frame is one event, whose id is the cursor after it. It lives for some minutes, and the
 * client comes back by itself; what its closing would say goes before it, as an event `close`.
 */
export class EventStream implements Line {
  readonly answer: Response;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #cursor: Cursor = new Map();
  readonly #onEnd: () => void;
  readonly #timers: ReturnType<typeof setTimeout>[];
  #open = true;
  /** Told how much of what was sent the client has taken. */
  onTaken: (mark: number) => void = () => {};

  /** @param onEnd told when the stream has ended, whoever ended it */
  constructor(onEnd: () => void) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.#writer = writable.getWriter();
    this.#onEnd = onEnd;
    this.answer = new Response(readable, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
    const { heartbeatMs, lifeMs, retryMs } = REALTIME.stream;
    this.#timers = [
      setInterval(() => void this.#write(":\n\n"), heartbeatMs),
      setTimeout(() => this.#end(), lifeMs),
    ];
    void this.#write(`retry: ${retryMs}\n\n`);
  }

  isOpen(): boolean {
    return this.#open;
  }

  send(text: string): void {
    const frame = ServerFrame.parse(JSON.parse(text));
    for (const single of frame.type === "batch" ? frame.frames : [frame]) this.#sendSingle(single);
  }

  close(code: number, reason: string): void {
    void this.#write(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
    this.#end();
  }

  keep(): void {
    // Its object does not sleep while the stream is open.
  }

  heardAt(): number {
    // A stream whose client is gone fails when it is written to, and ends.
    return Number.POSITIVE_INFINITY;
  }

  #sendSingle(frame: SingleFrame): void {
    if (frame.type === "mark") {
      void this.#writer.ready.then(() => this.onTaken(frame.mark)).catch(() => {});
      return;
    }
    if (frame.type === "event") this.#cursor.set(frame.channel, { epoch: frame.epoch, offset: frame.offset });
    // What follows a recovery is told by the events: before them the client is where it was.
    if (frame.type === "subscribed" && !frame.recovered)
      this.#cursor.set(frame.channel, { epoch: frame.epoch, offset: frame.offset });
    const id = this.#cursor.size === 0 ? "" : `id: ${cursorText(this.#cursor)}\n`;
    void this.#write(`${id}data: ${JSON.stringify(frame)}\n\n`);
  }

  /** Begins with where the client says that it is. */
  start(cursor: Cursor): void {
    for (const [channel, position] of cursor) this.#cursor.set(channel, position);
  }

  async #write(text: string): Promise<void> {
    if (!this.#open) return;
    try {
      await this.#writer.write(encoder.encode(text));
    } catch {
      this.#end();
    }
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const timer of this.#timers) clearTimeout(timer);
    void this.#writer.close().catch(() => {});
    this.#onEnd();
  }
}
