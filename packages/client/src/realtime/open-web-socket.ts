/** A connection that is being opened or open. */
export interface Connection {
  send: (text: string) => void;
  close: (code?: number) => void;
}

/** Told what becomes of a connection; `onClose` comes once, also when it never opened. */
export interface ConnectionHandlers {
  onText: (text: string) => void;
  onClose: (code: number, reason: string) => void;
}

/** Opens the runtime's own WebSocket. */
export function openWebSocket(url: string, handlers: ConnectionHandlers): Connection {
  const socket = new WebSocket(url);
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") handlers.onText(data);
  });
  socket.addEventListener("close", ({ code, reason }) => handlers.onClose(code, reason));
  return {
    send: (text) => socket.send(text),
    close: (code) => socket.close(code),
  };
}
