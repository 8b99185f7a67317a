import type { Connection, ConnectionHandlers } from "./open-web-socket.ts";

/** `waiting`: for the next attempt. `closed`: for good. */
export type RealtimeState = "connecting" | "open" | "waiting" | "closed";

export interface RealtimeOptions {
  /** Where to connect to, e.g. `wss://api.example.com/ws`. */
  url: string;
  /** Where the same channels are server-sent events; without it there are sockets only. */
  streamUrl?: string;
  /** A new ticket for each connection. What it throws ends everything when `isFinal` says so, else it is tried again. */
  ticket: () => Promise<string>;
  isFinal?: (error: unknown) => boolean;
  /** Told of each change, and why it is closed: the server's reason, or what `ticket` threw. */
  onState?: (state: RealtimeState, why?: unknown) => void;
  open?: (url: string, handlers: ConnectionHandlers) => Connection;
  /** Tells when a connection is worth a try at once. Returns what ends it. */
  onWake?: (tell: () => void) => () => void;
}
