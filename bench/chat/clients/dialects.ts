/** What a payload from a server is to a client of the benchmark. */
type Heard =
  | { is: "ready" | "delivery" | "woken" | "other" }
  | { is: "acknowledged" | "refused"; id: number }
  | { is: "question"; answer: string };

/** How a client of one of the servers speaks. The messages within are the same. */
interface Dialect {
  /** Path and query of a socket. */
  path: (room: string) => string;
  /** What it says first. */
  greeting: (room: string) => string | undefined;
  send: (id: number, text: string) => string;
  hear: (payload: Buffer) => Heard;
}

const idIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
/** Enough of a payload to tell what it is. */
const startOf = (payload: Buffer): string => payload.toString("latin1", 0, 80);

/** `room` is a channel of the person's hub, `chat`, or of a room's own socket. */
const souk: Dialect = {
  path: (room) => (room === "chat" ? "/ws" : `/ws/rooms/${room}`),
  greeting: (room) => JSON.stringify({ type: "subscribe", channel: room === "chat" ? room : `room.${room}` }),
  send: (id, text) =>
    JSON.stringify({
      type: "message.send",
      id: String(id),
      message: { clientMessageId: `${id}-${crypto.randomUUID()}`, text },
    }),
  hear: (payload) => {
    const start = startOf(payload);
    if (/^\{"type":"(event|batch)"/.test(start)) return { is: "delivery" };
    if (start.startsWith('{"type":"ack"')) return { is: "acknowledged", id: idIn(start, /"id":"(\d+)"/) };
    if (start.startsWith('{"type":"subscribed"')) return { is: "ready" };
    if (start.startsWith('{"type":"position"')) return { is: "woken" };
    if (start.startsWith('{"type":"mark"'))
      return {
        is: "question",
        answer: JSON.stringify({ type: "received", mark: idIn(start, /"mark":(\d+)/) }),
      };
    if (start.startsWith('{"type":"error"'))
      return { is: "refused", id: idIn(payload.toString(), /"id":"(\d+)"/) };
    return { is: "other" };
  },
};

const socketIo: Dialect = {
  path: (room) => `/socket.io/?EIO=4&transport=websocket&room=${room}`,
  greeting: () => "40",
  send: (id, text) => `42${id}${JSON.stringify(["message", { clientMessageId: crypto.randomUUID(), text }])}`,
  hear: (payload) => {
    const start = startOf(payload);
    if (start.startsWith("42")) return { is: "delivery" };
    if (start.startsWith("43")) return { is: "acknowledged", id: idIn(start, /^43(\d+)/) };
    if (start.startsWith("40")) return { is: "ready" };
    if (start === "2") return { is: "question", answer: "3" };
    return { is: "other" };
  },
};

const ws: Dialect = {
  path: (room) => `/?room=${room}`,
  greeting: () => undefined,
  send: (id, text) => JSON.stringify({ id, message: { clientMessageId: crypto.randomUUID(), text } }),
  hear: (payload) => {
    const start = startOf(payload);
    if (start.startsWith('{"message"')) return { is: "delivery" };
    if (start.startsWith('{"ack"')) return { is: "acknowledged", id: idIn(start, /"ack":(\d+)/) };
    return { is: start === "ready" ? "ready" : "other" };
  },
};

export const DIALECTS = { souk, "socket.io": socketIo, ws };
export type DialectName = keyof typeof DIALECTS;
