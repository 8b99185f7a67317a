/** What a peer is reached over: a WebSocket, or a stream of server-sent events. */
export interface Line {
  /** Whether it still carries anything. */
  isOpen: () => boolean;
  send: (text: string) => void;
  close: (code: number, reason: string) => void;
  /** Keeps this for as long as the line lasts, also while the object sleeps. */
  keep: (kept: object) => void;
  /** When the client last gave a sign of life, in milliseconds; 0 for never. */
  heardAt: () => number;
}

/** A hibernating WebSocket as a line. */
export const socketLine = (state: DurableObjectState, socket: WebSocket): Line => ({
  isOpen: () => socket.readyState === WebSocket.OPEN,
  send: (text) => socket.send(text),
  close: (code, reason) => socket.close(code, reason),
  keep: (kept) => socket.serializeAttachment(kept),
  heardAt: () => state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0,
});
