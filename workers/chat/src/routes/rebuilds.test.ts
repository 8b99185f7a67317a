import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { conversations, hidden, members, messages, scheduled } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { asc, inArray, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { Env } from "../env.ts";
import { Rebuild } from "../schemas/conversation.ts";
import { FoundMessages } from "../schemas/message.ts";
import { archive, person } from "../../test/person.ts";

const db = () => httpDatabase(env.DATABASE_URL, parseEnv(Env, env).NEON_ENDPOINT);
const archived = (ids: string[]) =>
  db().batch([
    db().select().from(conversations).where(inArray(conversations.id, ids)).orderBy(asc(conversations.id)),
    db()
      .select()
      .from(members)
      .where(inArray(members.conversationId, ids))
      .orderBy(asc(members.conversationId), asc(members.userId)),
    db()
      .select()
      .from(messages)
      .where(inArray(messages.conversationId, ids))
      .orderBy(asc(messages.conversationId), asc(messages.seq)),
    db()
      .select()
      .from(hidden)
      .where(inArray(hidden.conversationId, ids))
      .orderBy(asc(hidden.conversationId), asc(hidden.userId), asc(hidden.seq)),
    db()
      .select()
      .from(scheduled)
      .where(inArray(scheduled.conversationId, ids))
      .orderBy(asc(scheduled.conversationId), asc(scheduled.userId), asc(scheduled.clientMessageId)),
  ]);

/** Has all conversations write anew, as the command does. Returns how many they are. */
async function rebuild(): Promise<number> {
  const admin = person(undefined, "admin");
  let count = 0;
  for (let query = ""; ;) {
    const page = Rebuild.parse(await admin.ok("POST", `/conversation-rebuilds${query}`));
    count += page.conversations;
    if (page.nextCursor === null) return count;
    query = `?cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

it("directory, search and archive come back from the objects when all their rows are lost, as they were", async () => {
  const ada = person();
  const others = Array.from({ length: 60 }, () => person());
  const begun = await Promise.all(others.map((other) => ada.direct(other)));
  const { id: group } = await ada.group(others.slice(0, 5));
  const ids = [group, ...begun.map(({ id }) => id)];
  for (const id of ids) await ada.send(id, "Is the ring still there?");
  for (let n = 0; n < 10; n++) await ada.send(group, `Necklace ${n}`);
  await ada.call("PUT", `/conversations/${group}/messages/3`, { text: "Bracelet" });
  await ada.call("DELETE", `/conversations/${group}/messages/4`);
  await others[0]?.read(group, 5);
  await others[0]?.call("PUT", `/conversations/${group}/messages/5/hidden`);
  await ada.call("PUT", `/conversations/${group}/draft`, { text: "And a" });
  const later = { text: "Tomorrow?", sendAt: new Date(Date.now() + 3_600_000).toISOString() };
  for (const clientMessageId of ["kept", "gone"])
    await ada.ok("POST", `/conversations/${group}/scheduled-messages`, { ...later, clientMessageId });
  await ada.call("DELETE", `/conversations/${group}/scheduled-messages/gone`);
  const copy = { clientMessageId: "copy", conversationId: group, seq: 1 };
  await ada.call("POST", `/conversations/${ids[1]}/forwards`, copy);
  await ada.ok("PUT", `/conversations/${group}`, { keepDays: 30 });
  await person(undefined, "admin").ok("PUT", `/legal-holds/${ids[1]}`, { reason: "Case 7" });
  await Promise.all(ids.map(archive));
  const before = await archived(ids);
  const list = await ada.list("?limit=100");
  await db().delete(conversations).where(inArray(conversations.id, ids));
  expect(await archived(ids)).toEqual([[], [], [], [], []]);
  const count = await rebuild();
  expect(count).toBeGreaterThanOrEqual(ids.length);
  await Promise.all(ids.map(archive));
  expect(await archived(ids)).toEqual(before);
  expect(await ada.list("?limit=100")).toEqual(list);
  const found = FoundMessages.parse(await ada.ok("GET", "/messages?q=bracelet"));
  expect(found.items).toMatchObject([{ seq: 3, text: "Bracelet" }]);
}, 60_000);

it("rows that differ from the objects are made equal, and what these do not hold goes", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  const { id: other } = await ada.group([bob]);
  for (const text of ["one", "two", "three", "four"]) for (const to of [id, other]) await ada.send(to, text);
  await ada.call("PUT", `/conversations/${id}/messages/2`, { text: "second" });
  await ada.call("DELETE", `/conversations/${id}/messages/3`);
  await bob.read(id, 3);
  await bob.call("PUT", `/conversations/${id}/messages/1/hidden`);
  const later = { text: "Tomorrow?", sendAt: new Date(Date.now() + 3_600_000).toISOString() };
  await bob.ok("POST", `/conversations/${id}/scheduled-messages`, { ...later, clientMessageId: "kept" });
  await Promise.all([id, other].map(archive));
  const before = await archived([id, other]);
  const stray = crypto.randomUUID();
  const spoil = [
    sql`UPDATE chat.messages SET text = 'spoilt', edited_at = NULL WHERE conversation_id = ${id} AND seq = 2`,
    sql`UPDATE chat.messages SET text = 'still here', deleted_at = NULL WHERE conversation_id = ${id} AND seq = 3`,
    sql`UPDATE chat.messages SET sender_id = ${stray}, kind = 'system', revision = 1000000 WHERE conversation_id = ${id} AND seq = 4`,
    sql`INSERT INTO chat.messages (conversation_id, seq, id, kind, text, attachments, mentions, revision, created_at)
      VALUES (${id}, 99, ${stray}, 'text', 'never written', '[]', '[]', 1, now())`,
    sql`UPDATE chat.members SET read_seq = 0, written_read = 0, role = 'admin' WHERE conversation_id = ${id} AND user_id = ${bob.userId}`,
    sql`INSERT INTO chat.members (conversation_id, user_id, role, status, visible_from, read_seq, delivered_seq, written, written_read, revision, joined_at, updated_at)
      VALUES (${id}, ${stray}, 'member', 'active', 1, 0, 0, 0, 0, 1, now(), now())`,
    sql`UPDATE chat.members SET draft = '{"text":"spoilt"}' WHERE conversation_id = ${id}`,
    sql`UPDATE chat.hidden SET seq = 2 WHERE conversation_id = ${id}`,
    sql`UPDATE chat.scheduled SET text = 'spoilt', failed = 'forbidden' WHERE conversation_id = ${id}`,
    sql`INSERT INTO chat.scheduled (conversation_id, user_id, client_message_id, text, attachments, mentions, send_at, created_at, updated_at)
      VALUES (${id}, ${bob.userId}, 'stray', 'never written', '[]', '[]', now(), now(), now())`,
    sql`UPDATE chat.messages SET edits = '[]', origin_at = now() WHERE conversation_id = ${id}`,
    sql`UPDATE chat.conversations SET title = 'Spoilt', last_seq = 99, kind = 'direct' WHERE id = ${id}`,
    sql`UPDATE chat.conversations SET keep_days = 9, hold_reason = 'Spoilt', held_by = ${stray}, held_since = now() WHERE id = ${id}`,
    sql`UPDATE chat.conversations SET title = 'Spoilt', revision = 1000000 WHERE id = ${other}`,
  ];
  for (const statement of spoil) await db().execute(statement);
  expect(await archived([id, other])).not.toEqual(before);
  await rebuild();
  await Promise.all([id, other].map(archive));
  expect(await archived([id, other])).toEqual(before);
  // What happens later is archived as ever.
  await ada.send(other, "five");
  await archive(other);
  const [, , texts] = await archived([other]);
  expect(texts.map(({ text }) => text).at(-1)).toBe("five");
});

it("is for admins", async () => {
  expect((await person().call("POST", "/conversation-rebuilds")).status).toBe(403);
  const answer = await person(undefined, "admin").call("POST", "/conversation-rebuilds?cursor=x");
  expect(answer.status).toBe(400);
});
