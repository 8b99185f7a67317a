import type { EarlierText } from "../schemas/message.ts";
import { editsOf } from "./edits-of.ts";
import type { ConversationStore } from "./store.ts";
import type { MemberRow, MessageRow } from "./tables.ts";

/** When somebody who is gone went, which was the last change of their row; undefined of who takes part. */
const leftAt = ({ visible_to, updated_at }: MemberRow): string | undefined =>
  visible_to === null ? undefined : updated_at;

const isEditedSince = ({ edited_at }: MessageRow, at: string | undefined): boolean =>
  at !== undefined && edited_at !== null && edited_at > at;

/** Messages as the member may know them: to who is gone, what was edited since says what it said when they went. */
export function asLeft(store: ConversationStore, member: MemberRow, rows: MessageRow[]): MessageRow[] {
  const at = leftAt(member);
  const edited = rows.filter((row) => isEditedSince(row, at)).map(({ seq }) => seq);
  if (at === undefined || edited.length === 0) return rows;
  const earlier = Map.groupBy(editsOf(store, edited), ({ seq }) => seq);
  return rows.map((row) => {
    const then = earlier.get(row.seq)?.findLast(({ writtenAt }) => writtenAt <= at);
    if (then === undefined) return row;
    return { ...row, text: then.text, edited_at: then.writtenAt === row.created_at ? null : then.writtenAt };
  });
}

/** Of what a message said before it was edited, what the member may know besides what it says to them. */
export function editsAsLeft(member: MemberRow, row: MessageRow, edits: EarlierText[]): EarlierText[] {
  const at = leftAt(member);
  return at !== undefined && isEditedSince(row, at)
    ? edits.filter(({ writtenAt }) => writtenAt <= at).slice(0, -1)
    : edits;
}
