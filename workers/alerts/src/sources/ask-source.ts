import type { Context } from "@souk/kit/context";
import { fetchOut } from "@souk/kit/fetch-out";
import { providerPolicy } from "@souk/kit/resilience";
import type { IPolicy } from "cockatiel";
import type { Env, Pair } from "../env.ts";
import type { Call, Quote, Source } from "./source.ts";

/** With the preset's two retries and their waits a source that hangs is given up after at most 18 s. */
const TRY_MS = 4_000;

const policies = new Map<string, ReturnType<typeof providerPolicy>>();

/** One per source and isolate: the circuit breaker's state lives in it. */
function policyOf(source: string) {
  const policy = policies.get(source) ?? providerPolicy("count");
  policies.set(source, policy);
  return policy;
}

/** What a source answers is retried only where a repeat may help: no refusal of the key, the symbol or the quota. */
async function get(
  context: Context<Env>,
  call: Call,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const init = {
    headers: { ...call.headers, accept: "application/json" },
    // The key stays with the host it is for.
    redirect: "manual" as const,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]),
  };
  const answer = await fetchOut(context, call.url, init, async (response) => ({
    status: response.status,
    text: await response.text(),
  }));
  if (answer.status >= 500) throw new Error(`Status ${answer.status}`);
  return answer;
}

/** What one source said to a poll; a call that failed does not take the others with it. */
export interface Answer {
  quotes: Quote[];
  failures: unknown[];
}

/**
 * Asks one source for the pairs. Never throws: what went wrong is in `failures`.
 * @param place the source's base URL and key
 * @param connections lets so many calls go out at a time
 */
export async function askSource(
  context: Context<Env>,
  source: Source,
  place: { url: string; key: string },
  pairs: Pair[],
  connections: IPolicy,
): Promise<Answer> {
  const calls = source.calls(place.url, place.key, pairs).map(async (call) => {
    const { status, text } = await connections.execute(() =>
      policyOf(source.name).execute(({ signal }) => get(context, call, signal)),
    );
    if (status !== 200) throw new Error(`Status ${status}`);
    return call.read(JSON.parse(text));
  });
  const settled = await Promise.allSettled(calls);
  return {
    quotes: settled.flatMap((result) => (result.status === "fulfilled" ? result.value : [])),
    failures: settled.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : [])),
  };
}
