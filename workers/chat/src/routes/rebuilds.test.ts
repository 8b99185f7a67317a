import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { conversations, members, messages } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { asc, inArray } from "drizzle-orm";
import { expect, it } from "vitest";
import { Env } from "../env.ts";
import { FoundMessages, Rebuild } from "../schemas.ts";
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
  ]);

it("directory, search and archive come back from the objects when all their rows are lost, as they were", async () => {
  const [ada, admin] = [person(), person(undefined, "admin")];
  const others = Array.from({ length: 60 }, () => person());
  const begun = await Promise.all(others.map((other) => ada.direct(other)));
  const { id: group } = await ada.group(others.slice(0, 5));
  const ids = [group, ...begun.map(({ id }) => id)];
  for (const id of ids) await ada.send(id, "Is the ring still there?");
  for (let n = 0; n < 10; n++) await ada.send(group, `Necklace ${n}`);
  await ada.call("PUT", `/conversations/${group}/messages/3`, { text: "Bracelet" });
  await ada.call("DELETE", `/conversations/${group}/messages/4`);
  await others[0]?.read(group, 5);
  await Promise.all(ids.map(archive));
  const before = await archived(ids);
  const list = await ada.list("?limit=100");
  await db().delete(conversations).where(inArray(conversations.id, ids));
  expect(await archived(ids)).toEqual([[], [], []]);
  let count = 0;
  for (let query = ""; ;) {
    const page = Rebuild.parse(await admin.ok("POST", `/conversation-rebuilds${query}`));
    count += page.conversations;
    if (page.nextCursor === null) break;
    query = `?cursor=${encodeURIComponent(page.nextCursor)}`;
  }
  expect(count).toBeGreaterThanOrEqual(ids.length);
  await Promise.all(ids.map(archive));
  expect(await archived(ids)).toEqual(before);
  expect(await ada.list("?limit=100")).toEqual(list);
  const found = FoundMessages.parse(await ada.ok("GET", "/messages?q=bracelet"));
  expect(found.items).toMatchObject([{ seq: 3, text: "Bracelet" }]);
}, 60_000);

it("is for admins", async () => {
  expect((await person().call("POST", "/conversation-rebuilds")).status).toBe(403);
  const answer = await person(undefined, "admin").call("POST", "/conversation-rebuilds?cursor=x");
  expect(answer.status).toBe(400);
});
