import { DIALECTS, type DialectName } from "./dialects.ts";
import { RawSocket } from "./raw-socket.ts";

const TEXT = Buffer.from('"text":"');
/** Of a message's text, which begins with when it was sent. */
const TEXT_LENGTH = 100;

/** Where a client sits: the server, how it speaks there, its room and by which headers it is known. */
export interface Seat {
  url: string;
  dialect: DialectName;
  room: string;
  headers: Record<string, string>;
}

/** One connected client: it counts the messages that reach it, and how long they took. */
export class Member {
  deliveries = 0;
  /** Milliseconds from send to delivery; kept only of who watches. */
  readonly latencies: number[] = [];
  /** Its object had slept: the server told it where its channel is. */
  woken = 0;
  closed: string | undefined;
  watches = false;
  readonly #dialect: (typeof DIALECTS)[DialectName];
  #socket: RawSocket | undefined;
  #sent = 0;
  readonly #waiting = new Map<number, (acknowledged: boolean) => void>();
  #ready: () => void = () => {};

  private constructor(dialect: DialectName) {
    this.#dialect = DIALECTS[dialect];
  }

  /** Connects, and is there when the server has said that messages will reach it. */
  static async join(seat: Seat): Promise<Member> {
    const member = new Member(seat.dialect);
    const ready = new Promise<void>((resolve) => (member.#ready = resolve));
    const url = new URL(member.#dialect.path(seat.room), seat.url);
    const socket = await RawSocket.open(url, seat.headers, (payload) => member.#hear(payload));
    member.#socket = socket;
    socket.onClose = (reason) => (member.closed = reason);
    const greeting = member.#dialect.greeting(seat.room);
    if (greeting !== undefined) socket.send(greeting);
    await ready;
    return member;
  }

  /** Sends a message. Returns whether it was acknowledged, or else refused. */
  send(): Promise<boolean> {
    const id = ++this.#sent;
    return new Promise((answered) => {
      this.#waiting.set(id, answered);
      this.#socket?.send(this.#dialect.send(id, timedText()));
    });
  }

  leave(): void {
    this.#socket?.end();
  }

  #hear(payload: Buffer): void {
    const heard = this.#dialect.hear(payload);
    if (heard.is === "delivery") this.#count(payload);
    else if (heard.is === "ready") this.#ready();
    else if (heard.is === "woken") this.woken++;
    else if (heard.is === "question") this.#socket?.send(heard.answer);
    else if (heard.is === "acknowledged" || heard.is === "refused") {
      this.#waiting.get(heard.id)?.(heard.is === "acknowledged");
      this.#waiting.delete(heard.id);
    }
  }

  #count(payload: Buffer): void {
    for (let at = payload.indexOf(TEXT); at >= 0; at = payload.indexOf(TEXT, at + TEXT_LENGTH)) {
      this.deliveries++;
      if (!this.watches) continue;
      const begin = at + TEXT.length;
      this.latencies.push(
        performance.now() - Number.parseFloat(payload.toString("latin1", begin, begin + 20)),
      );
    }
  }
}

/** A text of a hundred characters that begins with the time. */
export const timedText = (): string => `${performance.now().toFixed(3)} `.padEnd(TEXT_LENGTH, "x");
