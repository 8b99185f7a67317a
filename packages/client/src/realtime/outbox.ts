/** Frames that wait for their answer; more are not sent at once. */
const IN_FLIGHT = 20;
/** Frames that may wait. */
const WAITING = 1000;

/** The server refused a frame, or it could not be sent. */
export class RealtimeError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.name = "RealtimeError";
    this.code = code;
  }
}

interface Entry {
  text: string;
  resolve: (data: unknown) => void;
  reject: (error: RealtimeError) => void;
}

/**
 * What the app sends: in order, again after a lost connection, until the server has answered each by its id. The server knows a repeat by
 * the id, so nothing is done twice.
 */
export class Outbox {
  readonly #entries = new Map<string, Entry>();
  readonly #send: (text: string) => void;
  #sent = new Set<string>();
  #open = false;
  #resume: ReturnType<typeof setTimeout> | undefined;

  /** @param send sends a frame over the connection that is open */
  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /**
   * Sends a frame, now or when there is a connection.
   * @returns what the server's `ack` says
   * @throws RealtimeError with the server's code, or `queue_full`, or `closed`
   */
  add(frame: { type: string; id?: string }): Promise<unknown> {
    const id = frame.id ?? crypto.randomUUID();
    return new Promise((resolve, reject) => {
      if (this.#entries.size >= WAITING)
        return reject(new RealtimeError("queue_full", "Too much waits to be sent."));
      this.#entries.set(id, { text: JSON.stringify({ ...frame, id }), resolve, reject });
      this.#next();
    });
  }

  /** There is a connection: all that has no answer is sent. */
  opened(): void {
    this.#open = true;
    this.#sent = new Set();
    this.#next();
  }

  /** There is none. */
  lost(): void {
    this.#open = false;
    clearTimeout(this.#resume);
    this.#resume = undefined;
  }

  /** There will be none any more. */
  end(why: string): void {
    this.lost();
    for (const { reject } of this.#entries.values()) reject(new RealtimeError("closed", why));
    this.#entries.clear();
  }

  acknowledged(id: string, data: unknown): void {
    this.#entries.get(id)?.resolve(data);
    this.#answered(id);
  }

  /** @param retryAfter seconds; with `too_many_frames` the frame is sent again then, and those after it stay behind it */
  refused(id: string, code: string, message: string, retryAfter: number | undefined): void {
    if (code !== "too_many_frames") {
      this.#entries.get(id)?.reject(new RealtimeError(code, message));
      return this.#answered(id);
    }
    if (this.#resume !== undefined) return;
    this.#resume = setTimeout(
      () => {
        this.#resume = undefined;
        this.#sent = new Set();
        this.#next();
      },
      Math.max(50, (retryAfter ?? 1) * 1000),
    );
  }

  #answered(id: string): void {
    this.#entries.delete(id);
    this.#sent.delete(id);
    this.#next();
  }

  #next(): void {
    if (!this.#open || this.#resume !== undefined) return;
    for (const [id, { text }] of this.#entries) {
      if (this.#sent.size >= IN_FLIGHT) return;
      if (this.#sent.has(id)) continue;
      this.#sent.add(id);
      this.#send(text);
    }
  }
}
