import type { Publication } from "@souk/kit/realtime/frames";
import { HUB_MEMBERS, PUBLISHED_AT_ONCE } from "../limits.ts";
import type { ChatEvent, Message } from "../realtime.ts";
import { showMember, showMessages, showOwn, unreadOf } from "./show.ts";
import type { ConversationStore } from "./store.ts";
import type { ConversationRow, MemberRow, MessageRow } from "./tables.ts";

/** The channel of a person's hub on which all their small conversations are told. */
export const CHAT_CHANNEL = "chat";

/** The channel of a conversation's room. */
export const roomChannel = (conversationId: string): string => `room.${conversationId}`;

type Keyed = { data: ChatEvent; key: string };

/** What has changed since devices were last told: what to publish to whose hubs, and to the room. */
export interface Unpublished {
  hubs: { userIds: string[]; publications: Publication[] }[];
  /** What each of some members alone is told. */
  own: { userId: string; publications: Publication[] }[];
  room: Publication[];
  /** Members who take no part any more: their sockets of the room are closed. */
  gone: string[];
  upTo: number;
}

const onChannel = (channel: string, events: Keyed[]): Publication[] =>
  events.map((event) => ({ channel, ...event }));

/** The oldest changes that devices have not been told of; null when they have been told of all. */
export function readUnpublished(store: ConversationStore): Unpublished | null {
  if (!store.exists()) return null;
  const conversation = store.conversation();
  const { revision, id } = conversation;
  const published = Math.max(conversation.published, store.told);
  if (published >= revision) return null;
  // SQLite prepares a statement anew for each run where its limit is a parameter.
  const texts = store.sql
    .exec<MessageRow>(
      `SELECT * FROM messages WHERE revision > ? ORDER BY revision LIMIT ${PUBLISHED_AT_ONCE}`,
      published,
    )
    .toArray();
  const people = store.sql
    .exec<MemberRow>(
      `SELECT * FROM members WHERE shown > ? ORDER BY shown LIMIT ${PUBLISHED_AT_ONCE}`,
      published,
    )
    .toArray();
  const upTo = Math.min(
    revision,
    ...[texts.map((row) => row.revision), people.map((row) => row.shown)]
      .filter((rows) => rows.length === PUBLISHED_AT_ONCE)
      .map((rows) => rows.at(-1) ?? revision),
  );
  const key = (at: number, what: string): string => `${id}:${at}:${what}`;
  const messages = showMessages(
    store,
    texts.filter((row) => row.revision <= upTo),
  );
  const moved = people.filter((row) => row.shown <= upTo);
  const settings =
    conversation.shown > published && conversation.shown <= upTo
      ? [{ data: toldConversation(conversation), key: key(conversation.shown, "c") }]
      : [];
  const written = messages.map((message) => ({
    message,
    event: { data: { type: "message" as const, message }, key: key(message.revision, "m") },
  }));
  const inRoom = [...settings, ...written.map(({ event }) => event)];
  const large = store.countActive() > HUB_MEMBERS;
  const forAll = large
    ? []
    : [
        ...settings,
        ...moved.map((row) => ({
          data: { type: "member" as const, conversationId: id, member: showMember(row) },
          key: key(row.shown, "p"),
        })),
      ];
  return {
    hubs: groupBySight(large ? [] : viewersOf(store), forAll, written).filter(
      ({ publications }) => publications.length > 0,
    ),
    own: moved.map((row) => ({
      userId: row.user_id,
      publications: onChannel(CHAT_CHANNEL, [
        {
          data: {
            type: "me",
            conversationId: id,
            me: showOwn(row),
            unread: unreadOf(conversation.last_seq, row),
          },
          key: key(row.shown, "o"),
        },
      ]),
    })),
    room: onChannel(roomChannel(id), inRoom),
    gone: moved.filter(({ status }) => status !== "active").map(({ user_id }) => user_id),
    upTo,
  };
}

/** Remembers what devices have been told. What changed meanwhile has a higher revision. */
export function markPublished(store: ConversationStore, { upTo }: Unpublished): void {
  store.told = Math.max(store.told, upTo);
}

/** Stores what devices have been told, where no change has stored it since. */
export function keepPublished(store: ConversationStore): void {
  if (store.exists())
    store.sql.exec("UPDATE conversation SET published = ?1 WHERE published < ?1", store.told);
}

const toldConversation = (row: ConversationRow): ChatEvent => ({
  type: "conversation",
  conversationId: row.id,
  title: row.title,
  history: row.history,
  suspended: row.suspended_at !== null,
});

const viewersOf = (store: ConversationStore): MemberRow[] =>
  store.sql.exec<MemberRow>("SELECT * FROM members WHERE status IN ('active', 'requested')").toArray();

/** Those who may see the same of what was written are told together: in most cases all of them. */
function groupBySight(
  viewers: MemberRow[],
  forAll: Keyed[],
  written: { message: Message; event: Keyed }[],
): Unpublished["hubs"] {
  const groups = new Map<number, { userIds: string[]; publications: Publication[] }>();
  for (const { user_id, visible_from } of viewers) {
    const seen = written.filter(({ message }) => message.seq >= visible_from);
    const group = groups.get(seen.length);
    if (group !== undefined) group.userIds.push(user_id);
    else
      groups.set(seen.length, {
        userIds: [user_id],
        publications: onChannel(CHAT_CHANNEL, [...forAll, ...seen.map(({ event }) => event)]),
      });
  }
  return [...groups.values()];
}
