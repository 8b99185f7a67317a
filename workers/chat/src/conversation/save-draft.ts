import type { Draft, DraftChange } from "../schemas/member.ts";
import { requireReply } from "./send-message.ts";
import type { Act, ConversationStore } from "./store.ts";
import type { MemberRow } from "./tables.ts";

/**
 * Keeps what the member has begun to write, for all their devices; nothing written takes it away. The latest counts.
 * @throws AppError not_found for who takes no part; validation_failed for an answer to no message
 */
export function saveDraft(store: ConversationStore, act: Act, { text, replyTo }: DraftChange): MemberRow {
  const member = store.active(act.userId);
  if (text === "" && member.draft === null) return member;
  if (replyTo !== null) requireReply(store, member, replyTo);
  const draft: Draft = { text, replyTo, updatedAt: act.at };
  return store.sql
    .exec<MemberRow>(
      "UPDATE members SET draft = ?1, updated_at = ?2, revision = ?3, own = ?3 WHERE user_id = ?4 RETURNING *",
      text === "" ? null : JSON.stringify(draft),
      act.at,
      store.revise(act.at),
      act.userId,
    )
    .one();
}
