import { REALTIME } from "@souk/kit/realtime/limits";
import type { Publication } from "@souk/kit/realtime/frames";
import { HUB_MEMBERS, PUBLISHED_AT_ONCE } from "../limits.ts";
import type { ChatEvent, Message } from "../realtime.ts";
import { showMember, showMessages, showOwn, unreadOf } from "./show.ts";
import type { ConversationStore } from "./store.ts";
import type { ConversationRow, MemberRow, MessageRow } from "./tables.ts";
import { tellScheduled, unpublishedScheduled } from "./tell-scheduled.ts";

/** The channel of a person's hub on which all their small conversations are told. */
export const CHAT_CHANNEL = "chat";

/** The channel of a conversation's room. */
export const roomChannel = (conversationId: string): string => `room.${conversationId}`;

type Keyed = Pick<Publication, "supersedes"> & { data: ChatEvent; key: string };
type ToOne = { userId: string; event: Keyed };
type Written = { message: Message; event: Keyed };

/** A member whose sockets of the room are closed, those which were let in and have not come yet too: of who is back, the ones from before. */
export interface Gone {
  userId: string;
  at: string;
  isBack: boolean;
}

/** What has changed since devices were last told: what to publish to whose hubs, and to the room. */
export interface Unpublished {
  hubs: { userIds: string[]; publications: Publication[] }[];
  /** What each of some members alone is told. */
  own: { userId: string; publications: Publication[] }[];
  room: Publication[];
  gone: Gone[];
  upTo: number;
}

/** With what the keys of all that is told of a message begin. */
const keysOf = (conversationId: string, seq: number): string => `${conversationId}:m${seq}@`;

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
  const selves = store.sql
    .exec<MemberRow>(`SELECT * FROM members WHERE own > ? ORDER BY own LIMIT ${PUBLISHED_AT_ONCE}`, published)
    .toArray();
  const hidden = store.sql
    .exec<{ user_id: string; seq: number; revision: number }>(
      `SELECT * FROM hidden WHERE revision > ? ORDER BY revision LIMIT ${PUBLISHED_AT_ONCE}`,
      published,
    )
    .toArray();
  const later = unpublishedScheduled(store, published);
  const upTo = Math.min(
    revision,
    ...[
      texts.map((row) => row.revision),
      people.map((row) => row.shown),
      selves.map((row) => row.own),
      hidden.map((row) => row.revision),
      later.map((row) => row.revision),
    ]
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
  const written = messages.map((message): Written => {
    const keys = keysOf(id, message.seq);
    const event = { data: { type: "message" as const, message }, key: `${keys}${message.revision}` };
    // What it said goes from what devices may ask for again.
    return { message, event: message.deletedAt === null ? event : { ...event, supersedes: keys } };
  });
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
    hubs: groupBySight(large ? [] : viewersOf(store), forAll, written, hidersOf(store, texts)).filter(
      ({ publications }) => publications.length > 0,
    ),
    own: toEach([
      ...selves
        .filter((row) => row.own <= upTo)
        .map((row) => ({
          userId: row.user_id,
          event: { data: toldOwn(conversation, row), key: key(row.own, "o") },
        })),
      ...hidden
        .filter((row) => row.revision <= upTo)
        .map(({ user_id: userId, seq, revision: at }) => ({
          userId,
          event: {
            data: { type: "hidden" as const, conversationId: id, seq },
            key: `${keysOf(id, seq)}${at}h`,
            supersedes: keysOf(id, seq),
          },
        })),
      ...later.filter((row) => row.revision <= upTo).map((row) => tellScheduled(id, row)),
      ...(large ? [] : toGone(store, written)),
    ]),
    room: onChannel(roomChannel(id), inRoom),
    gone: moved
      // Also who is back before that was told, and what was written meanwhile: an old socket would be told of it.
      .filter(
        ({ status, visible_from }) => status !== "active" || messages.some(({ seq }) => seq < visible_from),
      )
      .map(({ status, user_id: userId, joined_at, updated_at }) => ({
        userId,
        ...(status === "active" ? { at: joined_at, isBack: true } : { at: updated_at, isBack: false }),
      })),
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
  keepDays: row.keep_days,
  suspended: row.suspended_at !== null,
});

const toldOwn = (conversation: ConversationRow, row: MemberRow): ChatEvent => ({
  type: "me",
  conversationId: conversation.id,
  me: showOwn(row),
  unread: unreadOf(conversation.last_seq, row),
});

/** What each is told alone, each named once. */
const toEach = (told: ToOne[]): Unpublished["own"] =>
  [...Map.groupBy(told, ({ userId }) => userId)].map(([userId, events]) => ({
    userId,
    publications: onChannel(
      CHAT_CHANNEL,
      events.map(({ event }) => event),
    ),
  }));

/** Those who take part, and of those who are asked as many as one call takes. */
const viewersOf = (store: ConversationStore): MemberRow[] =>
  store.sql
    .exec<MemberRow>(
      `SELECT * FROM members WHERE status IN ('active', 'requested') ORDER BY status LIMIT ${HUB_MEMBERS}`,
    )
    .toArray();

/**
 * What was told while somebody took part, or was asked to, is in their hub's log for a while: of what is deleted meanwhile, whoever is gone
 * since is told too, so that it goes from there.
 */
function toGone(store: ConversationStore, written: Written[]): ToOne[] {
  const deleted = written.filter(({ message }) => message.deletedAt !== null);
  const at = deleted[0]?.message.deletedAt;
  if (at === undefined || at === null) return [];
  const gone = store.sql
    .exec<MemberRow>(
      `SELECT * FROM members WHERE status IN ('left', 'removed', 'declined') AND updated_at > ?
       ORDER BY updated_at DESC LIMIT ${PUBLISHED_AT_ONCE}`,
      new Date(Date.parse(at) - REALTIME.log.ageMs).toISOString(),
    )
    .toArray();
  const hiders = hidersOf(
    store,
    deleted.map(({ message }) => message),
  );
  return gone.flatMap(({ user_id: userId, visible_from, updated_at }) =>
    deleted
      .filter(
        ({ message: { seq, createdAt } }) =>
          seq >= visible_from && createdAt <= updated_at && hiders.get(userId)?.has(seq) !== true,
      )
      .map(({ event }) => ({ userId, event })),
  );
}

/** Who has deleted which of some messages for themself. */
function hidersOf(store: ConversationStore, rows: { seq: number }[]): Map<string, Set<number>> {
  const found = store.sql.exec<{ user_id: string; seq: number }>(
    "SELECT user_id, seq FROM hidden WHERE seq IN (SELECT value FROM json_each(?))",
    JSON.stringify(rows.map(({ seq }) => seq)),
  );
  const hiders = new Map<string, Set<number>>();
  for (const { user_id, seq } of found.toArray())
    hiders.set(user_id, (hiders.get(user_id) ?? new Set()).add(seq));
  return hiders;
}

/** Those who may see the same of what was written are told together: in most cases all of them. */
function groupBySight(
  viewers: MemberRow[],
  forAll: Keyed[],
  written: Written[],
  hiders: Map<string, Set<number>>,
): Unpublished["hubs"] {
  const groups = new Map<string | number, { userIds: string[]; publications: Publication[] }>();
  for (const { user_id, visible_from } of viewers) {
    const hides = hiders.get(user_id);
    const seen = written.filter(
      ({ message }) => message.seq >= visible_from && hides?.has(message.seq) !== true,
    );
    // Who has deleted some of it for themself sees what nobody else does.
    const sight = hides === undefined ? seen.length : user_id;
    const group = groups.get(sight);
    if (group !== undefined) group.userIds.push(user_id);
    else
      groups.set(sight, {
        userIds: [user_id],
        publications: onChannel(CHAT_CHANNEL, [...forAll, ...seen.map(({ event }) => event)]),
      });
  }
  return [...groups.values()];
}
