import type { CachePolicy } from "@souk/kit/route";
import { CACHE_LIMITS } from "../cache-limits.ts";
import { ALL } from "../control-snapshot.ts";
import { CONTROL_LIMITS } from "../limits.ts";
import { lastSettings } from "./read-control.ts";

/**
 * The time up to which what is kept for a path has been purged, in milliseconds. While purges cannot be known for more than a minute,
 * whatever is stale may have been. Clocks differ, so what is asked shortly after a purge is asked again, but not by every request.
 * @param path canonical
 */
export function purgedAt(path: string, { maxAge, tags = [] }: CachePolicy, now: number): number {
  const settings = lastSettings();
  if (settings === undefined || now - settings.asOf > CONTROL_LIMITS.readsMs) return now - maxAge * 1000;
  const { purges } = settings;
  const never = Number.NEGATIVE_INFINITY;
  if (purges.size === 0) return never;
  const purged = Math.max(...[ALL, path, ...tags].map((tag) => purges.get(tag) ?? never));
  return Math.max(purged, Math.min(purged + CACHE_LIMITS.clockSkewMs, now - CACHE_LIMITS.settleMs));
}
