import type { Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import type { StoredAnswer } from "./answer-memory.ts";
import { keptHeaders } from "./fetch-answer.ts";

const AS_OF_HEADER = "x-souk-as-of";

/** No path of the API: what is kept here cannot be asked for from outside, nor be put here by a fetch. */
const urlOf = (context: Context<Env>, key: string): string =>
  new URL(`/.kept${key}`, context.env.ISSUER).href;

/** @returns undefined when it fails: there may be no such cache (on workers.dev, outside the platform), and no answer depends on it */
async function attempt<T>(context: Context<Env>, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await callTimeout.execute(work);
  } catch (error) {
    context.log.debug("the platform's cache does not work", { error: describeError(error) });
    return undefined;
  }
}

/** The answer that this data centre keeps for all its isolates (the platform's cache), if any. */
export function readShared(context: Context<Env>, key: string): Promise<StoredAnswer | undefined> {
  return attempt(context, async () => {
    const kept = await caches.default.match(urlOf(context, key));
    const etag = kept?.headers.get("etag");
    const asOf = Number(kept?.headers.get(AS_OF_HEADER) ?? Number.NaN);
    if (kept === undefined || !etag || Number.isNaN(asOf)) return undefined;
    return { body: await kept.arrayBuffer(), headers: keptHeaders(kept), etag, asOf };
  });
}

/** Keeps an answer for this data centre's isolates. */
export async function writeShared(
  context: Context<Env>,
  key: string,
  { body, headers, etag, asOf }: StoredAnswer,
  seconds: number,
): Promise<void> {
  const kept = new Headers(headers.map(([name, value]): [string, string] => [name, value]));
  kept.set("etag", etag);
  kept.set(AS_OF_HEADER, String(asOf));
  kept.set("cache-control", `public, max-age=${seconds}`);
  await attempt(context, () =>
    caches.default.put(urlOf(context, key), new Response(body, { headers: kept })),
  );
}
