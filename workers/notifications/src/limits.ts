/** Presence, in milliseconds: what is worse than before counts after so long, and a watch lasts so long. */
export const SETTLE_MS = 10_000;
export const WATCH_MS = 5 * 60_000;

/** Watchers of one person: with one more, the one whose watch ends first goes. */
export const MAX_WATCHERS = 500;

/** Watchers who are told at once, and when who was not reached is tried again: an invocation may call 32 others. */
export const TOLD_AT_ONCE = 25;
export const TELL_AGAIN_MS = 5_000;
