import Big from "big.js";
import type { Quote } from "./sources/source.ts";

/** The outlier guard is a rate: a price may move this much at once ... */
const JUMP = 0.05;
/** ... and this much more for each day since the last price. The largest real month, January 1980, was 48 % in 31 days. */
const JUMP_PER_DAY = 0.02;
/** Sources of one moment may lie this far from their median. */
const DISAGREEMENT = 0.02;

/** Older quotes are no news: a source stands still, or the market is closed. */
export const STALE_MS = 4 * 3600_000;
const FUTURE_MS = 5 * 60_000;
const DAY_MS = 24 * 3600_000;
const HIGHEST = Big("1e12");

type Refusal = "out_of_range" | "stale" | "future" | "outlier" | "disagrees" | "no_majority";

/** The price before: decimal string per troy ounce, and when it was quoted. */
export interface LastPrice {
  price: string;
  quotedAt: Date;
}

/** The price that the accepted quotes make together. */
export interface AgreedPrice extends LastPrice {
  bid: string | null;
  ask: string | null;
  sources: number;
}

export interface Judgement<Q extends Quote> {
  /** Every quote, with why it was refused, or null. */
  quotes: (Q & { reason: Refusal | null })[];
  /** Null when no quote was accepted. */
  price: AgreedPrice | null;
}

function median(values: string[]): Big {
  const sorted = values.map((value) => Big(value)).toSorted((a, b) => a.cmp(b));
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new Error("No median of nothing");
  return upper.plus(lower).div(2);
}

/** Whether two prices are apart by at most the share, measured from the lower one, so that up and down weigh the same. */
function within(a: Big, b: Big, share: number): boolean {
  const [low, high] = a.lt(b) ? [a, b] : [b, a];
  return high.lte(low.times(1 + share));
}

function refuseAlone(quote: Quote, last: LastPrice | null, at: Date): Refusal | null {
  const price = Big(quote.price);
  if (price.lte(0) || price.gt(HIGHEST)) return "out_of_range";
  const age = at.getTime() - quote.quotedAt.getTime();
  if (age > STALE_MS) return "stale";
  if (age < -FUTURE_MS) return "future";
  if (last === null) return null;
  const days = Math.abs(quote.quotedAt.getTime() - last.quotedAt.getTime()) / DAY_MS;
  return within(price, Big(last.price), JUMP + JUMP_PER_DAY * days) ? null : "outlier";
}

function refuseTogether(candidates: Quote[], last: LastPrice | null): (quote: Quote) => Refusal | null {
  const middle = median(candidates.map(({ price }) => price));
  const agrees = (quote: Quote) => within(Big(quote.price), middle, DISAGREEMENT);
  if (candidates.filter(agrees).length * 2 > candidates.length)
    return (quote) => (agrees(quote) ? null : "disagrees");
  return (quote) =>
    last !== null && within(Big(quote.price), Big(last.price), DISAGREEMENT) ? null : "no_majority";
}

/**
 * Decides which quotes of one pair and one poll to trust, and the price they make:
 * 1. Each alone: out of range (not above 0, or above 10^12), stale (4 h), from the future (5 min), or an outlier: further from the last
 *    price than 5 % and 2 % more for each day between the two quotes.
 * 2. Of those left, the ones within 2 % of their median, when they are more than half.
 * 3. Without such a majority (two that contradict each other), the ones within 2 % of the last price; without those, none.
 * The price, bid and ask are the medians of the accepted (an even count: the mean of the middle two). Its time is the newest accepted.
 * So a minority of liars never moves the price out of the range of the others.
 */
export function judgeQuotes<Q extends Quote>(quotes: Q[], last: LastPrice | null, at: Date): Judgement<Q> {
  const alone = quotes.map((quote) => ({ quote, reason: refuseAlone(quote, last, at) }));
  const candidates = alone.filter(({ reason }) => reason === null).map(({ quote }) => quote);
  const together = candidates.length > 0 ? refuseTogether(candidates, last) : () => null;
  const judged = alone.map(({ quote, reason }) => ({ ...quote, reason: reason ?? together(quote) }));
  const accepted = judged.filter(({ reason }) => reason === null);
  if (accepted.length === 0) return { quotes: judged, price: null };
  const bids = accepted.flatMap(({ bid }) => bid ?? []);
  const asks = accepted.flatMap(({ ask }) => ask ?? []);
  return {
    quotes: judged,
    price: {
      price: median(accepted.map(({ price }) => price)).toFixed(),
      bid: bids.length > 0 ? median(bids).toFixed() : null,
      ask: asks.length > 0 ? median(asks).toFixed() : null,
      sources: accepted.length,
      quotedAt: new Date(Math.max(...accepted.map(({ quotedAt }) => quotedAt.getTime()))),
    },
  };
}
