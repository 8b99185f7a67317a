import { MemoryCache } from "@souk/kit/memory-cache";
import type { Pair } from "./env.ts";

/** The current price as the database has it: decimal strings per troy ounce of fine metal. */
export interface CurrentPrice extends Pair {
  price: string;
  bid: string | null;
  ask: string | null;
  change: string | null;
  sources: number;
  quotedAt: Date;
  fetchedAt: Date;
}

/** Short, since other isolates do not hear of a new price; whoever writes one in this isolate clears it. */
export const priceCache = new MemoryCache<CurrentPrice>(30_000, 1_000);
