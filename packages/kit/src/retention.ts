const DAY_MS = 24 * 60 * 60 * 1000;

/** A part of the event log may be sent again while it is this young. */
export const REPLAYABLE_DAYS = 90;

/**
 * By what a consumer recognises a repeat is kept this long: longer than an event can be replayed, and a queue can hold it after that.
 */
export const HANDLED_DAYS = 120;

/** Events recorded before this are not sent again. */
export const replayableFrom = (now: Date): Date => new Date(now.getTime() - REPLAYABLE_DAYS * DAY_MS);

/** What was handled before this may be forgotten. */
export const handledBefore = (now: Date): Date => new Date(now.getTime() - HANDLED_DAYS * DAY_MS);
