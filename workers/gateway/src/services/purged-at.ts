import type { CachePolicy } from "@souk/kit/route";
import { CACHE_LIMITS } from "../cache-limits.ts";
import { ALL } from "../control-snapshot.ts";
import { CONTROL_LIMITS } from "../limits.ts";
import { lastSettings } from "./read-control.ts";

/**
 * The time up to which what is kept for a path has been purged, in milliseconds. While purges cannot be known for more than a minute,
 * whatever is stale may have been.
 * @param path canonical
 */
export function purgedAt(path: string, { maxAge, tags = [] }: CachePolicy, now: number): number {
  const settings = lastSettings();
  if (settings === undefined || now - settings.asOf > CONTROL_LIMITS.readsMs) return now - maxAge * 1000;
  const { purges } = settings;
  let last = Number.NEGATIVE_INFINITY;
  if (purges.size > 0) {
    for (const tag of [ALL, path, ...tags])
      last = Math.max(last, (purges.get(tag) ?? last) + CACHE_LIMITS.clockSkewMs);
  }
  return last;
}
