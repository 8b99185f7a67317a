import type { Tier } from "./tiers.ts";
import { WINDOW_MS } from "./sliding-window.ts";

/** `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-10: a structured list of one item. */
export const policy = (tier: Tier, quota: number): string => `"${tier}";q=${quota};w=${WINDOW_MS / 1000}`;
