/** After so many sockets in a row that were allowed to open and did not, WebSockets seem to be blocked. */
const SOCKET_TRIES = 3;

/** Chooses which way a connection goes: by a WebSocket, or by a stream where these seem to be blocked. */
export class Ways {
  #unopened = 0;

  /** The way of the next attempt. */
  next(): "socket" | "stream" {
    if (this.#unopened < SOCKET_TRIES) {
      this.#unopened++;
      return "socket";
    }
    // Whatever becomes of the stream, after it one attempt shows whether sockets are still blocked.
    this.#unopened = SOCKET_TRIES - 1;
    return "stream";
  }

  /** A socket has opened, or the network may be another. */
  reset(): void {
    this.#unopened = 0;
  }
}
