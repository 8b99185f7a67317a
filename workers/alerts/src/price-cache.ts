import { MemoryCache } from "@souk/kit/memory-cache";
import type { Pair } from "./env.ts";

/** Decimal strings. */
export interface Amounts {
  price: string;
  bid: string | null;
  ask: string | null;
  change: string | null;
}

/** The current price as the database has it: per troy ounce of fine metal. */
export interface CurrentPrice extends Pair, Amounts {
  sources: number;
  quotedAt: Date;
  fetchedAt: Date;
  /** When it was read from the database. */
  readAt: Date;
  /** What was asked of it so far, by unit and karat: exact division costs more than all the rest of a warm read. */
  converted: Map<string, Amounts>;
}

/** Short, since other isolates do not hear of a new price but from who asks for a newer one; whoever writes one in this isolate clears it. While one caller reads it anew, the others get the old one. */
export const priceCache = new MemoryCache<CurrentPrice>(30_000, 1_000, 30_000);
