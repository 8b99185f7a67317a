import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type MonthPrice, quoteTime, readSeries } from "./series.ts";

/** Where the replay stands. */
export interface PriceState extends MonthPrice {
  /** When the price is quoted, ISO 8601 UTC. */
  at: string;
  /** Place in the series, from 0. */
  index: number;
  /** Months after this one. */
  remaining: number;
}

const positionSchema = z.object({ month: z.string() });

/** The series and the place reached in it, which survives a restart. */
export class Replay {
  #series = readSeries();
  #file: string;
  #index: number;

  /**
   * @param dir folder of the position's file
   * @param startMonth where a fresh replay begins
   * @throws Error when the series does not have that month
   */
  constructor(dir: string, startMonth: string) {
    mkdirSync(dir, { recursive: true });
    this.#file = join(dir, "position.json");
    this.#index = this.#find(this.#savedMonth() ?? startMonth);
    if (this.#index === -1) throw new Error(`The series has no month ${startMonth}`);
  }

  state(): PriceState {
    const index = this.#index;
    const { month, price } = this.#monthAt(index);
    return {
      month,
      price,
      at: quoteTime(month).toISOString(),
      index,
      remaining: this.#series.length - 1 - index,
    };
  }

  /** The month before; the first month is before itself. */
  previous(): MonthPrice {
    return this.#monthAt(Math.max(0, this.#index - 1));
  }

  /** One month further. Undefined at the end of the series. */
  tick(): PriceState | undefined {
    if (this.#index + 1 >= this.#series.length) return undefined;
    return this.#moveTo(this.#index + 1);
  }

  /** Moves to a month; undefined when the series does not have it. */
  position(month: string): PriceState | undefined {
    const index = this.#find(month);
    return index === -1 ? undefined : this.#moveTo(index);
  }

  #moveTo(index: number): PriceState {
    this.#index = index;
    const state = this.state();
    writeFileSync(`${this.#file}.new`, JSON.stringify({ month: state.month }));
    renameSync(`${this.#file}.new`, this.#file);
    return state;
  }

  #find(month: string): number {
    return this.#series.findIndex((entry) => entry.month === month);
  }

  #monthAt(index: number): MonthPrice {
    const entry = this.#series[index];
    if (!entry) throw new Error(`The series has no index ${index}`);
    return entry;
  }

  // A lost or broken position is no reason not to start: the replay begins again.
  #savedMonth(): string | undefined {
    try {
      const { month } = positionSchema.parse(JSON.parse(readFileSync(this.#file, "utf8")));
      return this.#find(month) === -1 ? undefined : month;
    } catch {
      return undefined;
    }
  }
}
