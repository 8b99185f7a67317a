import { CLOSE, type Close } from "./close-codes.ts";
import { REALTIME } from "./limits.ts";
import { type Connection, Peer } from "./peer.ts";

/** Those of a session, of a person, all or from before a time, or everybody's. */
export type Whose = { sessionId: string } | { userId: string; before?: string } | "all";

/** The open lines of one object, by their WebSocket or stream. */
export class Peers {
  readonly #peers = new Map<object, Peer>();
  #sweptAt = 0;

  get size(): number {
    return this.#peers.size;
  }

  all(): Iterable<Peer> {
    return this.#peers.values();
  }

  get(line: object): Peer | undefined {
    return this.#peers.get(line);
  }

  set(line: object, peer: Peer): void {
    this.#peers.set(line, peer);
  }

  remove(line: object): void {
    this.#peers.delete(line);
  }

  /** Room for one more of this person: the oldest goes when there are too many. */
  makeRoom({ userId }: Connection): void {
    const mine = this.#where(({ connection }) => connection.userId === userId).toSorted((a, b) =>
      a.connection.connectedAt.localeCompare(b.connection.connectedAt),
    );
    for (const peer of mine.slice(0, Math.max(0, mine.length - REALTIME.socketsPerUser + 1)))
      this.close(peer, CLOSE.tooManySockets);
  }

  /** Those whose client gave a sign of life lately. */
  alive(now: number): Peer[] {
    return this.#where((peer) => peer.isAlive(now));
  }

  /** Closes what has been silent for long, now and then. */
  sweep(now: number): void {
    if (now - this.#sweptAt < REALTIME.heartbeatMs) return;
    this.#sweptAt = now;
    for (const peer of this.#where((one) => !one.isAlive(now))) this.close(peer, CLOSE.silent);
  }

  close(peer: Peer, why: Close): void {
    for (const [line, known] of this.#peers) if (known === peer) this.#peers.delete(line);
    peer.close(why);
  }

  closeAll(whose: Whose, why: Close): void {
    const theirs = this.#where(({ connection }) => {
      if (whose === "all") return true;
      if ("sessionId" in whose) return connection.sessionId === whose.sessionId;
      const { userId, before } = whose;
      return connection.userId === userId && (before === undefined || connection.connectedAt < before);
    });
    for (const peer of theirs) this.close(peer, why);
  }

  #where(holds: (peer: Peer) => boolean): Peer[] {
    return [...this.#peers.values()].filter(holds);
  }
}
