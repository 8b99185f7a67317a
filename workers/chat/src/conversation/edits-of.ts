import type { EarlierText } from "../schemas/message.ts";
import type { ConversationStore } from "./store.ts";

/** What some messages said before they were edited, each in its order. */
export const editsOf = (store: ConversationStore, seqs: number[]): (EarlierText & { seq: number })[] =>
  seqs.length === 0
    ? []
    : store.sql
        .exec<{ seq: number; text: string; at: string }>(
          "SELECT seq, text, at FROM edits WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq, revision",
          JSON.stringify(seqs),
        )
        .toArray()
        .map(({ seq, text, at }) => ({ seq, text, writtenAt: at }));

/** How many characters those are. */
export function lengthsOfEdits(store: ConversationStore, seqs: number[]): Map<number, number> {
  if (seqs.length === 0) return new Map();
  const found = store.sql.exec<{ seq: number; characters: number }>(
    "SELECT seq, sum(length(text)) AS characters FROM edits WHERE seq IN (SELECT value FROM json_each(?)) GROUP BY seq",
    JSON.stringify(seqs),
  );
  return new Map(found.toArray().map(({ seq, characters }) => [seq, characters]));
}
