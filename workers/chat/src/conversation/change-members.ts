import { AppError } from "@souk/kit/errors";
import { uuidv7 } from "@souk/kit/ids";
import { MAX_MEMBERS } from "../limits.ts";
import type { Member } from "../schemas/member.ts";
import { addMember, type NewMember } from "./create-conversation.ts";
import { appendMessage } from "./send-message.ts";
import { showMember } from "./show.ts";
import { unscheduleAll } from "./unschedule.ts";
import type { Act, ConversationStore } from "./store.ts";
import type { MemberRole, MemberRow, MemberStatus } from "./tables.ts";

/** What the system writes into a conversation when something about it changes; `mentions` name whom it is about. */
type Notice = "member_joined" | "member_left" | "member_removed" | "title_changed" | "retention_changed";

/** Writes a line of the system's, on behalf of who did it. */
export function appendNotice(store: ConversationStore, act: Act, text: Notice, about: string[]): void {
  appendMessage(store, act.at, {
    id: uuidv7(new Date(act.at)),
    sender_id: act.userId,
    client_message_id: null,
    kind: "system",
    text,
    reply_to: null,
    attachments: "[]",
    mentions: JSON.stringify(about),
  });
}

function change(
  store: ConversationStore,
  at: string,
  userId: string,
  set: string,
  ...values: SqlStorageValue[]
): MemberRow {
  const revision = store.revise(at);
  return store.sql
    .exec<MemberRow>(
      `UPDATE members SET ${set}, updated_at = ?, revision = ?, shown = ?, own = ? WHERE user_id = ? RETURNING *`,
      ...values,
      at,
      revision,
      revision,
      revision,
      userId,
    )
    .one();
}

/** Brings back who took part before: from now on, or all of it, as the history rule says. */
function returnMember(store: ConversationStore, at: string, { userId, status }: NewMember): void {
  const { history, last_seq } = store.conversation();
  const from = history === "all" ? 1 : last_seq + 1;
  change(
    store,
    at,
    userId,
    "status = ?, role = 'member', visible_from = ?, visible_to = NULL, read_seq = ?, delivered_seq = ?, written_read = written, joined_at = ?",
    status,
    from,
    last_seq,
    last_seq,
    at,
  );
}

/**
 * Brings people into a group. Who takes part, or is asked already, stays as they are.
 * @throws AppError not_found; forbidden for who may not manage it; limit_reached when the group would be too large
 */
export function invite(store: ConversationStore, act: Act, people: NewMember[]): Member[] {
  store.manager(act.userId);
  const { kind, id } = store.conversation();
  if (kind !== "group") throw new AppError("forbidden", "Nobody is invited to this conversation.");
  const known = new Map(people.map(({ userId }) => [userId, store.findMember(userId)]));
  const isIn = ({ userId }: NewMember): boolean =>
    ["active", "requested"].includes(known.get(userId)?.status ?? "");
  const coming = people.filter((person) => !isIn(person));
  if (store.countActive() + coming.length > MAX_MEMBERS)
    throw new AppError("limit_reached", `A group has at most ${MAX_MEMBERS} members.`);
  for (const person of coming) {
    if (known.get(person.userId) === undefined) addMember(store, act.at, person);
    else returnMember(store, act.at, person);
    if (person.status === "requested")
      store.tell("conversation.requested", {
        key: `requested:${person.userId}`,
        id: uuidv7(new Date(act.at)),
        at: act.at,
        data: { userId: act.userId, otherId: person.userId, conversationId: id },
      });
  }
  const joined = coming.filter(({ status }) => status === "active").map(({ userId }) => userId);
  if (joined.length > 0) appendNotice(store, act, "member_joined", joined);
  return people.flatMap(({ userId }) => store.findMember(userId) ?? []).map(showMember);
}

/**
 * Answers a request to take part.
 * @throws AppError not_found when there is none
 */
export function answerRequest(store: ConversationStore, act: Act, yes: boolean): void {
  const member = store.reader(act.userId);
  if (member.status === "active" && yes) return;
  if (member.status !== "requested") throw new AppError("not_found", "You are not asked to take part.");
  change(store, act.at, act.userId, "status = ?", yes ? "active" : "declined");
  if (yes && store.conversation().kind === "group") appendNotice(store, act, "member_joined", [act.userId]);
}

/**
 * Gives a member another role. There is one owner: who makes another the owner becomes an admin.
 * @throws AppError not_found; forbidden for everybody but the owner, and towards oneself
 */
export function changeRole(store: ConversationStore, act: Act, userId: string, role: MemberRole): Member {
  const owner = store.manager(act.userId);
  const member = store.active(userId);
  if (owner.role !== "owner" || userId === act.userId)
    throw new AppError("forbidden", "Only the owner changes the roles of the others.");
  if (role === "owner") change(store, act.at, act.userId, "role = 'admin'");
  return showMember(member.role === role ? member : change(store, act.at, userId, "role = ?", role));
}

/** Ends a member's part; they keep what they have seen. An owner who goes is followed by who is there longest, admins first. */
export function endPart(store: ConversationStore, at: string, member: MemberRow, status: MemberStatus): void {
  const { last_seq } = store.conversation();
  change(store, at, member.user_id, "status = ?, visible_to = ?, draft = NULL", status, last_seq);
  unscheduleAll(store, at, member.user_id);
  if (member.role !== "owner") return;
  change(store, at, member.user_id, "role = 'member'");
  const [heir] = store.sql
    .exec<MemberRow>(
      "SELECT * FROM members WHERE status = 'active' ORDER BY role = 'admin' DESC, joined_at, user_id LIMIT 1",
    )
    .toArray();
  if (heir !== undefined) change(store, at, heir.user_id, "role = 'owner'");
}

/**
 * Leaves a group, or removes another: the owner anybody, an admin who is a plain member. A repeat changes nothing.
 * @throws AppError not_found; forbidden
 */
export function removeMember(store: ConversationStore, act: Act, userId: string): void {
  const self = store.reader(act.userId);
  if (store.conversation().kind !== "group")
    throw new AppError("forbidden", "One does not leave this conversation; mute it.");
  if (userId === act.userId) {
    if (self.status !== "active") return;
    appendNotice(store, act, "member_left", [userId]);
    return endPart(store, act.at, self, "left");
  }
  const manager = store.manager(act.userId);
  const member = store.findMember(userId);
  if (member === undefined) throw new AppError("not_found", "There is no such member.");
  // Who said no is not made one who keeps what they have seen.
  if (["removed", "left", "declined"].includes(member.status)) return;
  if (manager.role !== "owner" && member.role !== "member")
    throw new AppError("forbidden", "Only the owner may remove an admin.");
  if (member.status === "active") appendNotice(store, act, "member_removed", [userId]);
  endPart(store, act.at, member, "removed");
}

/** Silences a conversation for the member until a time, or not any more. @throws AppError not_found */
export function mute(store: ConversationStore, act: Act, until: string | null): MemberRow {
  store.active(act.userId);
  return store.sql
    .exec<MemberRow>(
      "UPDATE members SET muted_until = ?1, updated_at = ?2, revision = ?3, own = ?3 WHERE user_id = ?4 RETURNING *",
      until,
      act.at,
      store.revise(act.at),
      act.userId,
    )
    .one();
}

/** A page of who takes part or is asked to, by id. @throws AppError not_found, also for who is gone */
export function listMembers(
  store: ConversationStore,
  userId: string,
  after: string | null,
  limit: number,
): Member[] {
  store.present(userId);
  return store.sql
    .exec<MemberRow>(
      "SELECT * FROM members WHERE user_id > ? AND status IN ('active', 'requested') ORDER BY user_id LIMIT ?",
      after ?? "",
      limit,
    )
    .toArray()
    .map(showMember);
}
