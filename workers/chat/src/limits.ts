/** Bytes of a message's text, in UTF-8. */
export const MAX_TEXT_BYTES = 16 * 1024;

/** Messages that one member may send: so many at once, and so many a second on end. */
export const MESSAGE_BURST = 20;
export const MESSAGES_PER_SECOND = 10;

/** Messages that the shard of a room brings to the conversation in one call. */
export const SENT_AT_ONCE = 50;

/** Messages that somebody may send who asked to write and has no answer yet. */
export const MESSAGES_BEFORE_ANSWER = 3;

/** People in a group, and how many one request may bring. */
export const MAX_MEMBERS = 10_000;
export const MAX_INVITED = 100;

/** Up to so many members each is told through their hub; in larger ones, who is looking opens the room's own socket. */
export const HUB_MEMBERS = 25;

/** Up to so many active members the conversation's object holds the sockets of its room itself: there is no call between. */
export const OWN_ROOM_MEMBERS = 100;

/** Active members of a larger one for whom its room has one more shard. */
export const MEMBERS_PER_SHARD = 700;

/** A room, or shard of one, that is found empty ends when it is so still after this long, in milliseconds. */
export const ROOM_LINGER_MS = 60_000;

/** Changes of each kind that devices are told of at once, and how often hubs that fail are tried before they are passed over. */
export const PUBLISHED_AT_ONCE = 100;
export const MAX_PUBLISH_TRIES = 6;

/** Calls after which the telling goes on in the next invocation: each may make 32. */
export const CALLS_AT_ONCE = 30;

/** Who was told of a message on a device and has not read it after this long is told besides. */
export const REMIND_MS = 60_000;

/** Members of whom one call asks whether they mute the sender: in a group of 10,000 that is 20 of the 32 that an invocation may make. */
export const REMINDED_AT_ONCE = 500;

/** How often a member's typing is told at most, in milliseconds. */
export const TYPING_MS = 3_000;

/** Of one message. */
export const MAX_ATTACHMENTS = 10;
export const MAX_MENTIONS = 50;
export const MAX_EMOJIS = 20;

/** People whose presence one request may ask for: each has a hub, and an invocation may call 32 others. */
export const MAX_PRESENCES = 25;

/** Messages before and after a reported one that moderators are shown. */
export const REPORT_CONTEXT = 5;

export const MAX_PINS = 50;

/** Messages that a member may have waiting in a conversation to be sent later, and how long ahead they may be, in milliseconds. */
export const MAX_SCHEDULED = 50;
export const SOONEST_SCHEDULE_MS = 60_000;
export const LATEST_SCHEDULE_MS = 365 * 24 * 3_600_000;

/** Of those that are due, as many as one go sends: the alarm goes on. */
export const SCHEDULED_AT_ONCE = 50;

/** How often one message may be edited: all that it said before is kept and shown. */
export const MAX_EDITS = 10;

/** Days after which a conversation may empty its messages, and how many it empties in one go: devices are told of as many at once. */
export const MAX_KEEP_DAYS = 3_650;
export const EXPIRED_AT_ONCE = 100;

/** How long after it was sent a message may be edited, or deleted by its sender. */
export const CHANGE_WINDOW_MS = 24 * 3_600_000;

/**
 * Rows of each kind that one write of the archive takes, and characters of what was written in them. A character is up to seven bytes of the
 * request, of which Neon takes ten million; one long message with all its edits is 180,000 characters.
 */
export const ARCHIVED_AT_ONCE = 50;
export const ARCHIVED_CHARACTERS = 500_000;

/** Wait before the archive is tried again, in milliseconds: doubled with each failure up to the longest. */
export const FIRST_RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 300_000;

/** Conversations that a person is taken out of in one go: an invocation may call 32 others. */
export const ERASED_AT_ONCE = 25;

/** Rooms that are closed in one go to a session which ends: an invocation may call 32 others. */
export const ROOMS_CLOSED_AT_ONCE = 25;

/** Conversations that one request has written to the archive anew: an invocation may call 32 others. */
export const REBUILT_AT_ONCE = 25;

/** Objects among which the register of conversations is divided. */
export const REGISTERS = 16;

/**
 * The archive is written at once after a pause; what is written within so much after that goes together: it costs by the write. A conversation
 * that is written to over and over has a pause that doubles, up to the longest.
 */
export const ARCHIVE_PAUSE_MS = 500;
export const LONGEST_ARCHIVE_PAUSE_MS = 5_000;
