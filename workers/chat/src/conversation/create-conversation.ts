import type { Conversation } from "../schemas/conversation.ts";
import { showConversation } from "./show.ts";
import type { Act, ConversationStore } from "./store.ts";
import type { History, Kind, MemberRole } from "./tables.ts";

export interface NewMember {
  userId: string;
  role: MemberRole;
  /** `requested` waits for the person's answer. */
  status: "active" | "requested";
}

export interface Founding {
  id: string;
  kind: Kind;
  title: string | null;
  object: { type: string; id: string } | null;
  history: History;
  members: NewMember[];
  /** An id for each event that it may tell. */
  eventIds: string[];
}

/** Adds who is not there yet, from the next message on or from the first one, as the history rule says. */
export function addMember(store: ConversationStore, at: string, member: NewMember): void {
  const { last_seq, history, kind } = store.conversation();
  const seen = kind === "group" && history === "since_joining" ? last_seq : 0;
  store.sql.exec(
    `INSERT INTO members (user_id, role, status, visible_from, visible_to, read_seq, delivered_seq, written, written_read, muted_until,
       joined_at, updated_at, revision, shown, own) VALUES (?1, ?2, ?3, ?4, NULL, ?5, ?5, 0, 0, NULL, ?6, ?6, ?7, ?7, ?7)`,
    member.userId,
    member.role,
    member.status,
    seen + 1,
    seen,
    at,
    store.revise(at),
  );
}

/** Writes a conversation's first row, with nobody in it yet. */
export function foundConversation(store: ConversationStore, at: string, founding: Founding): void {
  store.makeTables();
  store.sql.exec(
    `INSERT INTO conversation (only, id, kind, title, object_type, object_id, history, suspended_at, last_seq, last_activity_at, revision,
       archived, published, shown, created_at, updated_at) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, NULL, 0, ?7, 1, 0, 0, 1, ?7, ?7)`,
    founding.id,
    founding.kind,
    founding.title,
    founding.object?.type ?? null,
    founding.object?.id ?? null,
    founding.history,
    at,
  );
}

/**
 * Makes the conversation, once: whoever asks again for one that is there is shown it, and a request to them is thereby accepted.
 * @throws AppError not_found when it is there and the caller takes no part in it
 */
export function createConversation(
  store: ConversationStore,
  act: Act,
  founding: Founding,
): { conversation: Conversation; made: boolean } {
  const made = !store.exists();
  if (made) {
    foundConversation(store, act.at, founding);
    for (const [index, member] of founding.members.entries()) {
      addMember(store, act.at, member);
      const id = founding.eventIds[index];
      if (member.status === "requested" && id !== undefined)
        store.tell("conversation.requested", {
          key: `requested:${member.userId}`,
          id,
          at: act.at,
          data: { userId: act.userId, otherId: member.userId, conversationId: founding.id },
        });
    }
  } else if (founding.kind === "direct") answerForBoth(store, act, founding);
  const member = store.reader(act.userId);
  return { conversation: showConversation(store, store.conversation(), member), made };
}

/** Who writes to somebody who asked them says yes; and who may now write at once need not wait for an answer. */
function answerForBoth(store: ConversationStore, act: Act, founding: Founding): void {
  for (const { userId, status } of founding.members) {
    const member = store.findMember(userId);
    const own = userId === act.userId;
    if (member === undefined || member.status === "active") continue;
    if (own || (status === "active" && member.status === "requested"))
      store.sql.exec(
        "UPDATE members SET status = 'active', updated_at = ?1, revision = ?2, shown = ?2, own = ?2 WHERE user_id = ?3",
        act.at,
        store.revise(act.at),
        userId,
      );
  }
}
