import { HeldMessage } from "../schemas/legal-hold.ts";
import { Attachments, EarlierTexts } from "../schemas/message.ts";
import { editsOf } from "./edits-of.ts";
import { showHold } from "./hold.ts";
import type { ConversationStore } from "./store.ts";

/** Why something was taken away that a legal hold keeps. */
export type WhyHeld = HeldMessage["why"];

type HeldRow = {
  n: number;
  seq: number;
  sender_id: string | null;
  text: string;
  attachments: string;
  edits: string;
  origin_sender_id: string | null;
  origin_at: string | null;
  created_at: string;
  edited_at: string | null;
  why: WhyHeld;
  at: string;
};

/** Keeps what a message says before that is taken away, if the conversation is held. To be called in the change's own transaction. */
export function keepHeld(store: ConversationStore, seq: number, why: WhyHeld, at: string): void {
  if (store.conversation().held_since === null) return;
  // What it said before an edit stays with the message, and is kept when that goes.
  const edits = why === "edited" ? [] : editsOf(store, [seq]);
  store.sql.exec(
    `INSERT INTO held (seq, sender_id, text, attachments, edits, origin_sender_id, origin_at, created_at, edited_at, why, at)
     SELECT seq, sender_id, text, attachments, ?, origin_sender_id, origin_at, created_at, edited_at, ?, ?
     FROM messages WHERE seq = ? AND text IS NOT NULL`,
    JSON.stringify(edits.map(({ text, writtenAt }) => ({ text, writtenAt }))),
    why,
    at,
    seq,
  );
}

/**
 * What was kept, in the order in which it was taken away.
 * @param after the number of the last one known; 0 to begin
 * @throws AppError not_found when it is not held
 */
export function listHeld(
  store: ConversationStore,
  after: number,
  limit: number,
): { n: number; message: HeldMessage }[] {
  showHold(store);
  return store.sql
    .exec<HeldRow>("SELECT * FROM held WHERE n > ? ORDER BY n LIMIT ?", after, limit)
    .toArray()
    .map((row) => ({
      n: row.n,
      message: {
        seq: row.seq,
        senderId: row.sender_id,
        text: row.text,
        forwarded: row.origin_at === null ? null : { senderId: row.origin_sender_id, sentAt: row.origin_at },
        attachments: Attachments.parse(JSON.parse(row.attachments)),
        edits: EarlierTexts.shape.items.parse(JSON.parse(row.edits)),
        createdAt: row.created_at,
        editedAt: row.edited_at,
        why: row.why,
        keptAt: row.at,
      },
    }));
}
