/** How often somebody waited for the database. */
export interface RoundTrips {
  total: number;
  /** By database role. */
  byRole: Record<string, number>;
}

/**
 * Counts round trips: an HTTP request is one, opening a WebSocket is one, and over a WebSocket each turn
 * from answer to next question is one.
 */
export class RoundTripCounter {
  #byRole = new Map<string, number>();

  add(role: string): void {
    this.#byRole.set(role, (this.#byRole.get(role) ?? 0) + 1);
  }

  reset(): void {
    this.#byRole.clear();
  }

  counted(): RoundTrips {
    const byRole = Object.fromEntries(this.#byRole);
    return { total: Object.values(byRole).reduce((sum, count) => sum + count, 0), byRole };
  }
}
