import type { ConnectionHandlers } from "../../../packages/client/src/realtime/open-web-socket.ts";
import type { RealtimeState } from "../../../packages/client/src/realtime/options.ts";
import { Realtime } from "../../../packages/client/src/realtime/realtime.ts";
import type { person } from "./person.ts";

/** A hub accepts what has been authorised; the way there costs the database a count for each connection, and is tested by itself. */
function connectTo({ userId, sessionId, hub }: ReturnType<typeof person>): Promise<Response> {
  const connection = { userId, sessionId, connectedAt: new Date().toISOString() };
  const headers = { upgrade: "websocket", "x-connection": JSON.stringify(connection) };
  return hub().fetch("https://hub/", { headers });
}

/** A person's device that runs the published client. Its connection can be cut, which neither side is told of in words. */
export function device(ada: ReturnType<typeof person>) {
  const states: RealtimeState[] = [];
  const cuts = new Set<() => void>();
  let reachable = true;

  async function connect(handlers: ConnectionHandlers, opened: (socket: WebSocket) => void) {
    const { webSocket } = await connectTo(ada);
    if (webSocket === null || !reachable) {
      webSocket?.accept();
      webSocket?.close();
      return handlers.onClose(1006, "");
    }
    let over = false;
    const end = (code: number, reason: string) => {
      if (over) return;
      over = true;
      cuts.delete(cut);
      handlers.onClose(code, reason);
    };
    const cut = () => {
      end(1006, "");
      webSocket.close();
    };
    cuts.add(cut);
    webSocket.addEventListener("message", ({ data }) => {
      if (!over) handlers.onText(String(data));
    });
    webSocket.addEventListener("close", ({ code, reason }) => end(code, reason));
    webSocket.accept();
    opened(webSocket);
  }

  const realtime = new Realtime({
    url: "wss://souk.test/ws",
    ticket: async () => "",
    onState: (state) => states.push(state),
    open: (_url, handlers) => {
      let socket: WebSocket | undefined;
      void connect(handlers, (opened) => (socket = opened));
      return { send: (text) => socket?.send(text), close: (code) => socket?.close(code) };
    },
  });
  return {
    realtime,
    states,
    /** Cuts the connection; it comes back by itself. */
    cut: () => {
      for (const cut of cuts) cut();
    },
    /** Cuts the connection, and lets none through until it is told otherwise. */
    reach: (way: boolean) => {
      reachable = way;
      if (!way) for (const cut of cuts) cut();
    },
  };
}
