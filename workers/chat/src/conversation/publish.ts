import type { Publication } from "@souk/kit/realtime/frames";
import { HUB_MEMBERS } from "../limits.ts";
import type { Message } from "../schemas.ts";
import { showMember, showMessages, showOwn, unreadOf } from "./show.ts";
import type { ConversationStore } from "./store.ts";
import type { ConversationRow, MemberRow, MessageRow } from "./tables.ts";

/** The channel of a person's hub on which all their small conversations are told. */
export const CHAT_CHANNEL = "chat";

/** What has changed since devices were last told, by whom to tell it: hubs of the members of small conversations, and the room. */
export interface Unpublished {
  hubs: { userId: string; publications: Publication[] }[];
  room: Publication[];
  upTo: number;
}

/** The channel of a conversation's room. */
export const roomChannel = (conversationId: string): string => `room.${conversationId}`;

const told = (row: ConversationRow) => ({
  type: "conversation",
  conversationId: row.id,
  title: row.title,
  history: row.history,
  suspended: row.suspended_at !== null,
});

/** Null when devices have been told of everything. */
export function readUnpublished(store: ConversationStore): Unpublished | null {
  if (!store.exists()) return null;
  const conversation = store.conversation();
  const { published, revision, id } = conversation;
  if (published >= revision) return null;
  const messages = showMessages(
    store,
    store.sql
      .exec<MessageRow>("SELECT * FROM messages WHERE revision > ? ORDER BY revision", published)
      .toArray(),
  );
  const moved = store.sql
    .exec<MemberRow>("SELECT * FROM members WHERE shown > ? ORDER BY shown", published)
    .toArray();
  const settings = conversation.shown > published ? [told(conversation)] : [];
  const key = (at: number, what: string): string => `${id}:${at}:${what}`;
  const messageFor = (message: Message) => ({ type: "message", message });
  const room = [
    ...settings.map((data) => ({ channel: roomChannel(id), data, key: key(conversation.shown, "c") })),
    ...messages.map((message) => ({
      channel: roomChannel(id),
      data: messageFor(message),
      key: key(message.revision, "m"),
    })),
  ];
  const large = store.countActive() > HUB_MEMBERS;
  const viewers = large
    ? moved
    : store.sql.exec<MemberRow>("SELECT * FROM members WHERE status IN ('active', 'requested')").toArray();
  const gone = moved.filter(({ user_id }) => !viewers.some((viewer) => viewer.user_id === user_id));
  const hubs = [...viewers, ...gone].map((viewer) => ({
    userId: viewer.user_id,
    publications: [
      ...(large ? [] : settings.map((data) => ({ data, key: key(conversation.shown, "c") }))),
      ...moved
        .filter(({ user_id }) => user_id === viewer.user_id || !large)
        .map((member) => ({
          data:
            member.user_id === viewer.user_id
              ? {
                  type: "me",
                  conversationId: id,
                  me: showOwn(member),
                  unread: unreadOf(conversation.last_seq, member),
                }
              : { type: "member", conversationId: id, member: showMember(member) },
          key: key(member.shown, "p"),
        })),
      ...(large ? [] : messages)
        .filter(({ seq }) => seq >= viewer.visible_from && seq <= (viewer.visible_to ?? seq))
        .map((message) => ({
          data: { ...messageFor(message), unread: unreadOf(conversation.last_seq, viewer) },
          key: key(message.revision, "m"),
        })),
    ].map((publication) => ({ channel: CHAT_CHANNEL, ...publication })),
  }));
  return { hubs: hubs.filter(({ publications }) => publications.length > 0), room, upTo: revision };
}

/** Remembers what devices have been told. What changed meanwhile has a higher revision. */
export function markPublished(store: ConversationStore, { upTo }: Unpublished): void {
  store.sql.exec("UPDATE conversation SET published = max(published, ?)", upTo);
}
