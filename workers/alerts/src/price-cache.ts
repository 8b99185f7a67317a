import type { Pair } from "./env.ts";

/** Short, since other isolates do not hear of a new price. */
const TTL_MS = 30_000;

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

const cached = new Map<string, { row: CurrentPrice; until: number }>();

const keyOf = ({ metal, currency }: Pair): string => `${metal}/${currency}`;

/** The price that this isolate read a moment ago, if any. Bounded by the configured pairs. */
export function rememberedPrice(pair: Pair, now: Date): CurrentPrice | undefined {
  const entry = cached.get(keyOf(pair));
  return entry !== undefined && now.getTime() < entry.until ? entry.row : undefined;
}

export function rememberPrice(row: CurrentPrice, now: Date): void {
  cached.set(keyOf(row), { row, until: now.getTime() + TTL_MS });
}

/** Called by whoever writes prices in this isolate. */
export function forgetPrices(): void {
  cached.clear();
}
