import { lastSettings } from "../services/read-control.ts";
import type { Tier } from "./tiers.ts";

/**
 * The limit that operators set in place of a tier's own: the person's, else the tier's.
 * @param now in milliseconds since 1970
 */
export function overridingLimit(userId: string, tier: Tier, now: number): number | undefined {
  const quotas = lastSettings()?.quotas;
  if (quotas === undefined || quotas.size === 0) return undefined;
  for (const whom of [userId, tier]) {
    const quota = quotas.get(whom);
    if (quota !== undefined && now < quota.until) return quota.limit;
  }
  return undefined;
}
