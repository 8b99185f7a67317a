import { realTime } from "../clock.ts";
import { batchOf } from "./frame-text.ts";
import { REALTIME } from "./limits.ts";

interface Clock {
  now: () => number;
  later: (work: () => void, ms: number) => void;
}

const REAL: Clock = { now: realTime, later: (work, ms) => void setTimeout(work, ms) };

/**
 * Sends frames at once where it is quiet; where it is not, those of a few milliseconds go together: sending costs by the frame and the
 * socket, not by what is in it. Nothing that it holds is stored: whoever uses it has stored it before.
 */
export class Coalescer {
  readonly #send: (text: string) => number;
  readonly #clock: Clock;
  #waiting: string[] = [];
  #size = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** How long after the last frame the next one goes: longer where it went to many. */
  #pauseMs: number = REALTIME.coalesceMs;
  #timed = false;

  /** @param send sends one frame, and tells to how many sockets it went */
  constructor(send: (text: string) => number, clock: Clock = REAL) {
    this.#send = send;
    this.#clock = clock;
  }

  /** @param frame as JSON */
  add(frame: string): void {
    const due = Math.min(this.#pauseMs, this.#sentAt + this.#pauseMs - this.#clock.now());
    if (this.#size + frame.length > REALTIME.batchBytes) this.flush();
    this.#waiting.push(frame);
    this.#size += frame.length;
    if (due <= 0) return this.flush();
    if (this.#timed) return;
    this.#timed = true;
    this.#clock.later(() => {
      this.#timed = false;
      this.flush();
    }, due);
  }

  /** Sends what waits. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const text = batchOf(this.#waiting);
    this.#waiting = [];
    this.#size = 0;
    this.#sentAt = this.#clock.now();
    this.#pauseMs = pauseAfter(this.#send(text));
  }
}

function pauseAfter(sockets: number): number {
  const { coalesceMs, coalesceMsPerSocket, coalesceMostMs } = REALTIME;
  return Math.min(coalesceMostMs, Math.max(coalesceMs, sockets * coalesceMsPerSocket));
}
