import Big from "big.js";
import { z } from "zod";
import type { Pair } from "../env.ts";

/** What a source said about one pair: decimal strings per troy ounce of fine metal, as given; it may be nonsense. */
export interface Quote extends Pair {
  price: string;
  /** Bid and ask come together or not at all. */
  bid: string | null;
  ask: string | null;
  quotedAt: Date;
}

/** One HTTP GET and how to read its JSON; `read` throws when the body is not in the source's format. */
export interface Call {
  url: string;
  headers: Record<string, string>;
  read: (body: unknown) => Quote[];
}

/** The port that a price provider's adapter implements. */
export interface Source {
  name: string;
  region: string;
  calls: (url: string, key: string, pairs: Pair[]) => Call[];
}

/** Sources send JSON numbers; beyond this many decimals they are floating point noise. */
const DECIMALS = 8;

/** A source's number as a decimal string. */
export const decimal = (value: number | Big): string => Big(value).round(DECIMALS).toFixed();

/** Unix seconds. History before 1970 is negative; what looks like milliseconds is refused. */
export const UnixSeconds = z
  .number()
  .min(-1e10)
  .max(1e10)
  .transform((seconds) => new Date(seconds * 1000));

/** The metals asked for in each currency, for sources that answer one currency a call. */
export function metalsByCurrency(pairs: Pair[]): [currency: string, metals: Pair["metal"][]][] {
  const metals = new Map<string, Pair["metal"][]>();
  for (const { metal, currency } of pairs) metals.set(currency, [...(metals.get(currency) ?? []), metal]);
  return [...metals];
}

/** Bid and ask where the source gives both and they are in order; else neither. */
export function spread(
  bid: number | null | undefined,
  ask: number | null | undefined,
): Pick<Quote, "bid" | "ask"> {
  return bid && ask && bid > 0 && bid <= ask
    ? { bid: decimal(bid), ask: decimal(ask) }
    : { bid: null, ask: null };
}
