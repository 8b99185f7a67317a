import type { Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { maskText } from "@souk/kit/mask";
import { bulkhead, type IPolicy } from "cockatiel";
import { bucketOf } from "../bucket.ts";
import type { Env } from "../env.ts";
import { judgeQuotes } from "../judge-quotes.ts";
import { askSource } from "../sources/ask-source.ts";
import { claimSources, type ClaimedSource } from "./claim-sources.ts";
import { storePrices } from "./store-prices.ts";

/** How much of a failure's text is kept with the source. */
const FAILURE_LENGTH = 500;

/** Calls to sources at a time. The platform gives an invocation 6 connections; what has to wait for one would run into its timeout. */
const PARALLEL = 5;

async function ask(context: Context<Env>, connections: IPolicy, claimed: ClaimedSource) {
  const { quotes, failures } = await askSource(
    context,
    claimed.source,
    claimed,
    context.env.PAIRS,
    connections,
  );
  const errors = failures.map((failure) => describeError(failure));
  if (errors.length > 0) context.log.warn("source failed", { source: claimed.source.name, errors });
  const failure = failures.map((error) => maskText(String(error))).join("; ");
  return {
    exchangeId: claimed.exchangeId,
    answered: quotes.length > 0,
    failure: failures.length > 0 ? failure.slice(0, FAILURE_LENGTH) : null,
    quotes: quotes.map((quote) => ({ ...quote, exchangeId: claimed.exchangeId })),
  };
}

/**
 * One poll: asks every source that is due in parallel, decides by `judgeQuotes`, stores the quotes, the prices and their events.
 * Repeats and parallel runs of one scheduled time ask no source twice and store nothing twice.
 * @param context its clock stands at the scheduled time
 */
export async function pollPrices(context: Context<Env>): Promise<void> {
  const at = context.now();
  const bucket = bucketOf(at);
  const { due, last } = await claimSources(context, bucket);
  if (due.length === 0) return;
  const connections = bulkhead(PARALLEL, Number.POSITIVE_INFINITY);
  const answers = await Promise.all(due.map((claimed) => ask(context, connections, claimed)));
  const quotes = answers.flatMap((answer) => answer.quotes);
  const judged = context.env.PAIRS.map((pair) => {
    const ofPair = quotes.filter(({ metal, currency }) => metal === pair.metal && currency === pair.currency);
    return { pair, ...judgeQuotes(ofPair, last(pair), at) };
  });
  for (const { pair, quotes: ofPair, price } of judged) {
    const refused = ofPair.flatMap(({ exchangeId, price: refusedPrice, reason }) =>
      reason ? [{ exchangeId, price: refusedPrice, reason }] : [],
    );
    if (price === null || refused.length > 0)
      context.log.warn(price === null ? "no price" : "quotes refused", {
        ...pair,
        refused,
        price: price?.price ?? null,
      });
  }
  await storePrices(context, { bucket, answers, judged });
}
