import { ARCHIVED_AT_ONCE, ARCHIVED_CHARACTERS } from "../limits.ts";
import type { EarlierText } from "../schemas/message.ts";
import { editsOf, lengthsOfEdits } from "./edits-of.ts";
import type { ConversationStore } from "./store.ts";
import type { ConversationRow, MemberRow, MessageRow, ScheduledRow } from "./tables.ts";

type HiddenRow = { user_id: string; seq: number; revision: number };
type EventRow = { key: string; id: string; type: string; data: string; at: string };

/** What the archive has not seen, up to a revision; the events go along. */
export interface Unarchived {
  conversation: ConversationRow;
  memberCount: number;
  members: MemberRow[];
  messages: (MessageRow & { edits: EarlierText[] })[];
  hidden: HiddenRow[];
  scheduled: ScheduledRow[];
  events: EventRow[];
  upTo: number;
}

/** The oldest changes that the archive has not seen, as many as one write takes; null when it has seen all. */
export function readUnarchived(store: ConversationStore): Unarchived | null {
  if (!store.exists()) return null;
  const conversation = store.conversation();
  const { archived, revision } = conversation;
  const changed = <Row extends MemberRow | MessageRow | HiddenRow | ScheduledRow>(
    table: "members" | "messages" | "hidden" | "scheduled",
  ): Row[] =>
    store.sql
      .exec<Row>(
        `SELECT * FROM ${table} WHERE revision > ? ORDER BY revision LIMIT ?`,
        archived,
        ARCHIVED_AT_ONCE,
      )
      .toArray();
  const members = changed<MemberRow>("members");
  const messages = changed<MessageRow>("messages");
  const hidden = changed<HiddenRow>("hidden");
  const scheduled = changed<ScheduledRow>("scheduled");
  const events = store.sql
    .exec<EventRow>("SELECT * FROM events ORDER BY id LIMIT ?", ARCHIVED_AT_ONCE)
    .toArray();
  if (archived >= revision && events.length === 0) return null;
  const full = [members, messages, hidden, scheduled].filter((rows) => rows.length === ARCHIVED_AT_ONCE);
  const upTo = Math.min(
    revision,
    ...full.map((rows) => rows.at(-1)?.revision ?? revision),
    lastOfOneWrite([
      ...sizesOf(store, messages),
      ...members.map(sizeOfMember),
      ...scheduled.map(sizeOfScheduled),
    ]) ?? revision,
  );
  const texts = messages.filter((row) => row.revision <= upTo);
  const edits = Map.groupBy(editsOf(store, editedOf(texts)), ({ seq }) => seq);
  return {
    conversation,
    memberCount: store.countActive(),
    // Also newer ones, where that costs little: who came back must not be found as they were, with what was written while they were away.
    members: members.filter((row) => row.revision <= upTo || row.draft === null),
    messages: texts.map((row) => ({ ...row, edits: edits.get(row.seq) ?? [] })),
    hidden: hidden.filter((row) => row.revision <= upTo),
    scheduled: scheduled.filter((row) => row.revision <= upTo),
    events,
    upTo,
  };
}

/** How many characters of free length a row has, which is what makes a write long. */
interface Size {
  revision: number;
  characters: number;
}

const sizeOfMember = ({ revision, draft }: MemberRow): Size => ({
  revision,
  characters: draft?.length ?? 0,
});

const sizeOfScheduled = ({ revision, text, attachments, mentions }: ScheduledRow): Size => ({
  revision,
  characters: (text?.length ?? 0) + attachments.length + mentions.length,
});

/** Without reading what the messages said before, which is most of it. */
function sizesOf(store: ConversationStore, rows: MessageRow[]): Size[] {
  const earlier = lengthsOfEdits(store, editedOf(rows));
  return rows.map(({ seq, revision, text, attachments, mentions }) => ({
    revision,
    characters: (text?.length ?? 0) + attachments.length + mentions.length + (earlier.get(seq) ?? 0),
  }));
}

/** The revision before the one with which a write would be too long, but of one row at least; undefined where all fit. */
function lastOfOneWrite(sizes: Size[]): number | undefined {
  let [total, last]: [number, number | undefined] = [0, undefined];
  for (const { revision, characters } of sizes.toSorted((a, b) => a.revision - b.revision)) {
    total += characters;
    if (total > ARCHIVED_CHARACTERS && last !== undefined) return last;
    last = revision;
  }
  return undefined;
}

const editedOf = (rows: MessageRow[]): number[] =>
  rows.filter((row) => row.edited_at !== null).map(({ seq }) => seq);
