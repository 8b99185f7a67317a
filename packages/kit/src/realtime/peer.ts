import { z } from "zod";
import { CLOSE, type Close } from "./close-codes.ts";
import { Channel, type SingleFrame } from "./frames.ts";
import { REALTIME } from "./limits.ts";
import type { Line } from "./line.ts";
import { Bucket, takeToken } from "./token-bucket.ts";

/** What survives on a socket while its object sleeps. */
const Attachment = z.object({
  userId: z.uuid(),
  sessionId: z.uuid(),
  connectedAt: z.iso.datetime(),
  visibleFrom: z.int().optional(),
  channels: z.array(Channel),
  bucket: Bucket.optional(),
  idleSince: z.int().nullable().optional(),
});
type Attachment = z.infer<typeof Attachment>;

/** Whose socket it is, since when, and the first place of what its channels tell of that the person may see. */
export type Connection = Pick<Attachment, "userId" | "sessionId" | "connectedAt" | "visibleFrom">;

/** One open line: what it subscribes to, how much it may send, and how far it is behind with what was sent to it. */
export class Peer {
  readonly line: Line;
  #kept: Attachment;
  #sent = 0;
  #marked = 0;
  #received = 0;

  constructor(line: Line, kept: Attachment) {
    this.line = line;
    this.#kept = kept;
  }

  /** Of a line that is new. */
  static open(line: Line, connection: Connection): Peer {
    const peer = new Peer(line, { ...connection, channels: [] });
    peer.#keep({});
    return peer;
  }

  /** Of a line that was open while its object slept. @param kept what it was given to keep */
  static woken(line: Line, kept: unknown): Peer {
    return new Peer(line, Attachment.parse(kept));
  }

  get connection(): Connection {
    return this.#kept;
  }

  get channels(): readonly string[] {
    return this.#kept.channels;
  }

  subscribe(channel: string): void {
    if (!this.channels.includes(channel)) this.#keep({ channels: [...this.channels, channel] });
  }

  unsubscribe(channel: string): void {
    this.#keep({ channels: this.channels.filter((subscribed) => subscribed !== channel) });
  }

  /** Counts one frame of the client's against what it may send. */
  take(now: number): ReturnType<typeof takeToken> {
    const taken = takeToken(this.#kept.bucket, REALTIME.frames, now);
    this.#keep({ bucket: taken.bucket });
    return taken;
  }

  /** The client has all that was sent up to this mark. */
  received(mark: number): void {
    this.#received = Math.max(this.#received, Math.min(mark, this.#marked));
  }

  /** When the client last gave a sign of life, in milliseconds. */
  get heardAt(): number {
    return Math.max(this.line.heardAt(), Date.parse(this.#kept.connectedAt));
  }

  /** Whether the client gave a sign of life lately. */
  isAlive(now: number): boolean {
    return this.heardAt > now - REALTIME.silentMs;
  }

  /** Since when nobody uses the device, as it says itself; undefined while somebody does. */
  get idleSince(): number | undefined {
    return this.#kept.idleSince ?? undefined;
  }

  /** The device says whether somebody uses it. */
  setIdle(idle: boolean, now: number): void {
    this.#keep({ idleSince: idle ? (this.idleSince ?? now) : null });
  }

  send(frame: SingleFrame): void {
    this.sendText(JSON.stringify(frame));
  }

  /** Sends a frame; a client that has too much on the way already is closed instead. */
  sendText(text: string): void {
    if (!this.line.isOpen()) return;
    this.#sent += text.length;
    if (this.#sent - this.#received > REALTIME.slowBytes) return this.close(CLOSE.slowConsumer);
    try {
      this.line.send(text);
      if (this.#sent - this.#marked < REALTIME.markBytes) return;
      this.#marked = this.#sent;
      this.line.send(JSON.stringify({ type: "mark", mark: this.#marked } satisfies SingleFrame));
    } catch {
      // It closed just now; the others still get the frame.
    }
  }

  close({ code, reason }: Close): void {
    this.line.close(code, reason);
  }

  #keep(change: Partial<Attachment>): void {
    this.#kept = { ...this.#kept, ...change };
    this.line.keep(this.#kept);
  }
}
