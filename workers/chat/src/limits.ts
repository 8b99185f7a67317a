/** Bytes of a message's text, in UTF-8. */
export const MAX_TEXT_BYTES = 16 * 1024;

/** Messages that one member may send: so many at once, and so many a second on end. */
export const MESSAGE_BURST = 20;
export const MESSAGES_PER_SECOND = 10;

/** Messages that somebody may send who asked to write and has no answer yet. */
export const MESSAGES_BEFORE_ANSWER = 3;

/** People in a group, and how many one request may bring. */
export const MAX_MEMBERS = 10_000;
export const MAX_INVITED = 100;

/** Up to so many members each is told through their hub; in larger ones, who is looking opens the room's own socket. */
export const HUB_MEMBERS = 25;

/** Of one message. */
export const MAX_ATTACHMENTS = 10;
export const MAX_MENTIONS = 50;
export const MAX_EMOJIS = 20;

export const MAX_PINS = 50;

/** How long after it was sent a message may be edited, or deleted by its sender. */
export const CHANGE_WINDOW_MS = 24 * 3_600_000;

/** Rows that one write of the archive takes. */
export const ARCHIVED_AT_ONCE = 200;

/** Wait before the archive is tried again, in milliseconds: doubled with each failure up to the longest. */
export const FIRST_RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 300_000;
