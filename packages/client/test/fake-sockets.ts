import type { SingleFrame } from "../src/realtime/frames.ts";
import type { Connection, ConnectionHandlers } from "../src/realtime/open-web-socket.ts";

/** One socket that a client has opened, from the server's side. */
export interface FakeSocket {
  /** What the client has sent, in order. */
  sent: Record<string, unknown>[];
  tell: (...frames: SingleFrame[]) => void;
  /** Says hello, as a server does that lets the client in. */
  welcome: () => void;
  /** Ends it, as a network does that breaks. */
  cut: (code?: number) => void;
  closed: boolean;
}

/** Sockets to a server that tests play. */
export function fakeSockets() {
  const opened: FakeSocket[] = [];
  const open = (_url: string, { onText, onClose }: ConnectionHandlers): Connection => {
    const socket: FakeSocket = {
      sent: [],
      tell: (...frames) => frames.forEach((frame) => onText(JSON.stringify(frame))),
      welcome: () => socket.tell({ type: "hello", userId: crypto.randomUUID(), at: "", heartbeatMs: 25_000 }),
      cut: (code = 1006) => {
        socket.closed = true;
        onClose(code, "");
      },
      closed: false,
    };
    opened.push(socket);
    return {
      send: (text) => {
        if (!socket.closed) socket.sent.push(JSON.parse(text) as Record<string, unknown>);
      },
      close: () => (socket.closed = true),
    };
  };
  const last = (): FakeSocket => {
    const socket = opened.at(-1);
    if (socket === undefined) throw new Error("No socket was opened");
    return socket;
  };
  return { open, opened, last };
}
