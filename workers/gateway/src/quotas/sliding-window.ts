/** What a quota counts over. */
export const WINDOW_MS = 60_000;

const CELL_MS = 2_000;
/** One more than the window has, so that the oldest cell counts in full: what is read is never less than what the last 60 s had. */
const CELLS = WINDOW_MS / CELL_MS + 1;

/** How much was counted in which cell of time. */
export type Tally = { cell: number; count: number }[];

/** A count over the last 60 to 62 s, kept in cells of 2 s. Time only goes forward: `advance` first, then read or count. */
export class SlidingWindow {
  readonly #counts = new Uint32Array(CELLS);
  #newest = 0;
  #sum = 0;

  /** Everything counted in the window. */
  get sum(): number {
    return this.#sum;
  }

  /** @param now in milliseconds since 1970 */
  advance(now: number): void {
    const cell = Math.floor(now / CELL_MS);
    if (cell <= this.#newest) return;
    for (let next = Math.max(this.#newest, cell - CELLS) + 1; next <= cell; next++) {
      this.#sum -= this.#at(next);
      this.#counts[next % CELLS] = 0;
    }
    this.#newest = cell;
  }

  /** Counts in the newest cell. */
  add(count: number): void {
    this.#set(this.#newest, this.#at(this.#newest) + count);
  }

  /**
   * Merges what another copy counted: of two counts of a cell the greater holds, since neither ever shrinks.
   * @returns by how much the sum grew
   */
  merge(tally: Tally): number {
    const before = this.#sum;
    for (const { cell, count } of tally) {
      if (cell > this.#newest) this.advance(cell * CELL_MS);
      if (cell > this.#newest - CELLS && count > this.#at(cell)) this.#set(cell, count);
    }
    return this.#sum - before;
  }

  /** The cells that are not empty, oldest first. */
  tally(): Tally {
    const tally: Tally = [];
    for (let cell = this.#newest - CELLS + 1; cell <= this.#newest; cell++) {
      if (this.#at(cell) > 0) tally.push({ cell, count: this.#at(cell) });
    }
    return tally;
  }

  #at(cell: number): number {
    return this.#counts[cell % CELLS] ?? 0;
  }

  #set(cell: number, count: number): void {
    this.#sum += count - this.#at(cell);
    this.#counts[cell % CELLS] = count;
  }
}

/**
 * When so much of what the windows hold will have left them, in milliseconds since 1970.
 * @param excess at least 1
 */
export function freedAt(excess: number, ...windows: readonly SlidingWindow[]): number {
  const cells = windows.flatMap((window) => window.tally()).toSorted((a, b) => a.cell - b.cell);
  let freed = 0;
  for (const { cell, count } of cells) {
    freed += count;
    if (freed >= excess) return (cell + CELLS) * CELL_MS;
  }
  return Number.POSITIVE_INFINITY;
}
