import { connect } from "node:net";
import { createWebSocketStream, type WebSocket } from "ws";
import type { RoundTripCounter } from "./round-trips.ts";

const TERMINATE = Buffer.from("X\0\0\0\x04", "latin1");

/** Carries the bytes of the Postgres protocol between a WebSocket and Postgres until either side ends. */
export function bridge(socket: WebSocket, postgresPort: number, counter: RoundTripCounter): void {
  const client = createWebSocketStream(socket);
  const postgres = connect({ host: "127.0.0.1", port: postgresPort, noDelay: true });
  let role: string | undefined;
  let answered = true;
  client.on("data", (chunk: Buffer) => {
    if (role === undefined) {
      role = roleOfStartup(chunk);
      counter.add(role);
    }
    // Nobody waits for an answer to a goodbye.
    if (answered && !chunk.equals(TERMINATE)) counter.add(role);
    answered = false;
  });
  postgres.on("data", () => (answered = true));
  const end = (): void => {
    postgres.destroy();
    socket.terminate();
  };
  client.on("error", end).on("close", end);
  postgres.on("error", end).on("close", () => socket.close());
  client.pipe(postgres).pipe(client);
}

/** The role that a startup message names: length, protocol version, then pairs of zero-ended strings. */
function roleOfStartup(message: Buffer): string {
  const pairs = message.subarray(8).toString("utf8").split("\0");
  return pairs[pairs.indexOf("user") + 1] ?? "unknown";
}
