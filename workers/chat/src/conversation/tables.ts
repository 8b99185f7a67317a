import type {
  HISTORIES,
  KINDS,
  MEMBER_ROLES,
  MEMBER_STATUSES,
  MESSAGE_KINDS,
  SCHEDULE_FAILURES,
} from "@souk/db/schema/chat";

/**
 * What a conversation's object keeps. Each change of a row takes the next revision of the conversation: what the archive has not seen is
 * what has a higher one than `archived`. `shown` is the revision of the last change that others see, a member's `own` that of the last which they see themself; devices have been
 * told up to `published`.
 */
export const TABLES = `
  CREATE TABLE IF NOT EXISTS conversation (
    only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL, kind TEXT NOT NULL, title TEXT, object_type TEXT, object_id TEXT,
    history TEXT NOT NULL, suspended_at TEXT, last_seq INTEGER NOT NULL, last_activity_at TEXT NOT NULL, revision INTEGER NOT NULL,
    archived INTEGER NOT NULL, published INTEGER NOT NULL, shown INTEGER NOT NULL, remind_at TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    keep_days INTEGER, expired_seq INTEGER NOT NULL DEFAULT 0, hold_reason TEXT, held_by TEXT, held_since TEXT);
  CREATE TABLE IF NOT EXISTS members (
    user_id TEXT PRIMARY KEY, role TEXT NOT NULL, status TEXT NOT NULL, visible_from INTEGER NOT NULL, visible_to INTEGER,
    read_seq INTEGER NOT NULL, delivered_seq INTEGER NOT NULL, written INTEGER NOT NULL, written_read INTEGER NOT NULL,
    muted_until TEXT, joined_at TEXT NOT NULL, updated_at TEXT NOT NULL, revision INTEGER NOT NULL, shown INTEGER NOT NULL, reminded_seq INTEGER NOT NULL DEFAULT 0,
    draft TEXT, own INTEGER NOT NULL DEFAULT 0,
    CHECK (read_seq <= delivered_seq), CHECK (written_read BETWEEN 0 AND written)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS members_revision ON members (revision);
  CREATE INDEX IF NOT EXISTS members_shown ON members (shown);
  CREATE INDEX IF NOT EXISTS members_own ON members (own);
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sender_id TEXT, client_message_id TEXT, kind TEXT NOT NULL, text TEXT,
    reply_to INTEGER, attachments TEXT NOT NULL, mentions TEXT NOT NULL, created_at TEXT NOT NULL, edited_at TEXT, deleted_at TEXT,
    revision INTEGER NOT NULL, origin_sender_id TEXT, origin_at TEXT, UNIQUE (sender_id, client_message_id));
  CREATE INDEX IF NOT EXISTS messages_revision ON messages (revision);
  CREATE INDEX IF NOT EXISTS messages_sender ON messages (sender_id, seq);
  CREATE TABLE IF NOT EXISTS edits (seq INTEGER NOT NULL, revision INTEGER NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (seq, revision)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS hidden (user_id TEXT NOT NULL, seq INTEGER NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (user_id, seq)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS hidden_seq ON hidden (seq);
  CREATE INDEX IF NOT EXISTS hidden_revision ON hidden (revision);
  CREATE TABLE IF NOT EXISTS scheduled (
    place INTEGER PRIMARY KEY, user_id TEXT NOT NULL, client_message_id TEXT NOT NULL, text TEXT, reply_to INTEGER, attachments TEXT NOT NULL,
    mentions TEXT NOT NULL, send_at TEXT NOT NULL, failed TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, revision INTEGER NOT NULL,
    UNIQUE (user_id, client_message_id));
  CREATE INDEX IF NOT EXISTS scheduled_revision ON scheduled (revision);
  CREATE INDEX IF NOT EXISTS scheduled_due ON scheduled (send_at, place) WHERE text IS NOT NULL AND failed IS NULL;
  CREATE INDEX IF NOT EXISTS scheduled_gone ON scheduled (revision) WHERE text IS NULL;
  CREATE TABLE IF NOT EXISTS reactions (
    seq INTEGER NOT NULL, emoji TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (seq, emoji, user_id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS reactions_user ON reactions (user_id);
  CREATE TABLE IF NOT EXISTS rooms (shard INTEGER PRIMARY KEY, entered_at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS pins (seq INTEGER PRIMARY KEY, pinned_by TEXT NOT NULL, at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS blocks (blocker_id TEXT PRIMARY KEY, blocked INTEGER NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS held (
    n INTEGER PRIMARY KEY, seq INTEGER NOT NULL, sender_id TEXT, text TEXT NOT NULL, attachments TEXT NOT NULL, edits TEXT NOT NULL,
    origin_sender_id TEXT, origin_at TEXT, created_at TEXT NOT NULL, edited_at TEXT, why TEXT NOT NULL, at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS events (key TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
`;

/** Brings an object that was made before there were drafts, forwards and messages deleted for one member to the next release. */
export const DRAFTS_UPGRADE = `
  ALTER TABLE members ADD COLUMN draft TEXT;
  ALTER TABLE members ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE messages ADD COLUMN origin_sender_id TEXT;
  ALTER TABLE messages ADD COLUMN origin_at TEXT;
`;

/** And one from before there were retention, legal holds and messages for later to the tables above. */
export const KEEPING_UPGRADE = `
  ALTER TABLE conversation ADD COLUMN keep_days INTEGER;
  ALTER TABLE conversation ADD COLUMN expired_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation ADD COLUMN hold_reason TEXT;
  ALTER TABLE conversation ADD COLUMN held_by TEXT;
  ALTER TABLE conversation ADD COLUMN held_since TEXT;
  ${TABLES}
`;

export type Kind = (typeof KINDS)[number];
export type History = (typeof HISTORIES)[number];
export type MemberRole = (typeof MEMBER_ROLES)[number];
export type MemberStatus = (typeof MEMBER_STATUSES)[number];
type MessageKind = (typeof MESSAGE_KINDS)[number];

export type ConversationRow = {
  id: string;
  kind: Kind;
  title: string | null;
  object_type: string | null;
  object_id: string | null;
  history: History;
  suspended_at: string | null;
  last_seq: number;
  last_activity_at: string;
  revision: number;
  archived: number;
  published: number;
  shown: number;
  /** When who has not read is told so besides. */
  remind_at: string | null;
  created_at: string;
  updated_at: string;
  /** After how many days messages go by themselves; null: never. */
  keep_days: number | null;
  /** The last place that has been looked at, and emptied, since its time was over. */
  expired_seq: number;
  /** The three of a legal hold are all null, or none is. */
  hold_reason: string | null;
  held_by: string | null;
  held_since: string | null;
};

export type MemberRow = {
  user_id: string;
  role: MemberRole;
  status: MemberStatus;
  visible_from: number;
  visible_to: number | null;
  read_seq: number;
  delivered_seq: number;
  written: number;
  written_read: number;
  muted_until: string | null;
  joined_at: string;
  updated_at: string;
  revision: number;
  shown: number;
  reminded_seq: number;
  /** JSON of a `Draft`. */
  draft: string | null;
  own: number;
};

/** What a member wrote for later. One that was sent, or taken back, is empty until devices and the archive have been told. */
export type ScheduledRow = {
  /** The order in which they were made. */
  place: number;
  user_id: string;
  client_message_id: string;
  text: string | null;
  reply_to: number | null;
  attachments: string;
  mentions: string;
  send_at: string;
  failed: (typeof SCHEDULE_FAILURES)[number] | null;
  created_at: string;
  updated_at: string;
  revision: number;
};

export type MessageRow = {
  seq: number;
  id: string;
  sender_id: string | null;
  client_message_id: string | null;
  kind: MessageKind;
  text: string | null;
  reply_to: number | null;
  attachments: string;
  mentions: string;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  revision: number;
  origin_sender_id: string | null;
  origin_at: string | null;
};
