import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { expect, it } from "vitest";
import { distrustArchive } from "../conversation/archive.ts";
import { answerOf } from "../conversation/outcome.ts";
import { ConversationStore } from "../conversation/store.ts";
import { readUnarchived } from "../conversation/unarchived.ts";
import { Env } from "../env.ts";
import { ARCHIVED_AT_ONCE, HUB_MEMBERS } from "../limits.ts";
import { Message } from "../schemas/message.ts";
import { ReportInFull, ReportPage } from "../schemas/report.ts";
import { consumeAll, delivery } from "../../test/deliveries.ts";
import { archive, askedFirst, objectOf, person } from "../../test/person.ts";
import { revisionOf, toldSince } from "../../test/told.ts";

const context = () => createContext(parseEnv(Env, env), { service: "chat", waitUntil: () => {} });
const word = () => `w${crypto.randomUUID().replaceAll("-", "")}`;

it("who said no to a group does not come to see it when they are removed", async () => {
  const [ada, eve] = [person(), askedFirst()];
  const { id } = await ada.group([eve]);
  await eve.call("POST", `/conversations/${id}/decline`);
  const secret = word();
  await ada.send(id, secret);
  expect((await ada.call("DELETE", `/conversations/${id}/members/${eve.userId}`)).status).toBe(204);
  for (const path of ["", "/messages", "/members", "/pins"])
    expect((await eve.call("GET", `/conversations/${id}${path}`)).status).toBe(404);
  await archive(id);
  expect(await eve.ok("GET", `/messages?q=${secret}`)).toMatchObject({ items: [] });
});

it("who is gone is told nothing of what happens since: not the new title, who came, nor what was edited", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const { id } = await ada.group([bob]);
  const [before, after] = [word(), word()];
  await ada.send(id, before);
  await ada.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
  const gone = await bob.open(id);
  await ada.ok("POST", `/conversations/${id}/members`, { userIds: [eve.userId] });
  await ada.ok("PUT", `/conversations/${id}/messages/1`, { text: after });
  await ada.ok("PUT", `/conversations/${id}`, { title: "Secret" });
  const now = await bob.open(id);
  expect({ ...now, title: gone.title }).toEqual(gone);
  expect(now.title).toBeNull();
  expect((await bob.call("GET", `/conversations/${id}/members`)).status).toBe(404);
  expect((await bob.history(id)).items.map(({ text }) => text)).toEqual(["member_removed", before]);
  expect(await bob.ok("GET", `/conversations/${id}/messages/1/edits`)).toEqual({ items: [] });
  const own = await bob.group([]);
  const copy = { clientMessageId: "copy", conversationId: id, seq: 1 };
  expect(await bob.ok("POST", `/conversations/${own.id}/forwards`, copy)).toMatchObject({ text: before });
  await archive(id);
  expect(await bob.ok("GET", `/messages?q=${after}`)).toMatchObject({ items: [] });
  expect(await ada.ok("GET", `/messages?q=${after}`)).toMatchObject({ items: [{ seq: 1 }] });
});

it("who is gone is not told the new title when who gave it is erased: the system's line of it stays", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const { id } = await ada.group([bob, eve]);
  await ada.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
  await ada.ok("PUT", `/conversations/${id}`, { title: "Secret" });
  answerOf(await objectOf(id).erase(ada.userId, new Date().toISOString()));
  expect(await bob.open(id)).toMatchObject({ title: null });
  expect((await eve.history(id)).items).toContainEqual(
    expect.objectContaining({ kind: "system", senderId: null, text: "title_changed", deletedAt: null }),
  );
});

it("a message sent again is answered as its sender sees it: not with what they deleted for themself", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  const body = { clientMessageId: "again", text: "gone" };
  await ada.ok("POST", `/conversations/${id}/messages`, body);
  await ada.ok("PUT", `/conversations/${id}/messages/1/hidden`);
  const again = Message.parse(await ada.ok("POST", `/conversations/${id}/messages`, body));
  expect(again).toMatchObject({ seq: 1, text: null, hidden: true });
});

it("nobody sees the other type while one of them blocks the other", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  const typing = async (by: typeof ada) => (await by.call("POST", `/conversations/${id}/typing`)).status;
  expect(await typing(bob)).toBe(204);
  await consumeAll([delivery("user.blocked", { userId: bob.userId, otherId: ada.userId })]);
  expect([await typing(ada), await typing(bob)]).toEqual([403, 403]);
});

it("who is back before their removal was told is let in anew: an old socket would be told what was written meanwhile", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const { id } = await ada.group([bob]);
  const before = await revisionOf(id);
  await ada.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
  await ada.send(id, "without Bob");
  const members = `/conversations/${id}/members`;
  await ada.ok("POST", members, { userIds: [bob.userId] });
  expect((await toldSince(id, before))?.gone).toMatchObject([{ userId: bob.userId, isBack: true }]);
  const since = await revisionOf(id);
  await ada.ok("POST", members, { userIds: [eve.userId] });
  await bob.read(id, 9);
  expect((await toldSince(id, since))?.gone).toEqual([]);
});

it("of a group that asks more people than one call tells, those who take part are told all the same", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group(Array.from({ length: HUB_MEMBERS + 5 }, askedFirst));
  await ada.ok("POST", `/conversations/${id}/members`, { userIds: [bob.userId] });
  for (const { userIds } of (await toldSince(id, 0))?.hubs ?? []) {
    expect(userIds.length).toBeLessThanOrEqual(HUB_MEMBERS);
    expect(userIds).toEqual(expect.arrayContaining([ada.userId]));
  }
});

it("moderators are shown no more around a message than its reporter sees, and nothing of the erased", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const { id } = await ada.group([bob, eve], { history: "all" });
  await eve.send(id, "Eve's");
  await bob.send(id, "spam");
  await bob.send(id, "hidden");
  const elsewhere = await eve.direct(bob);
  await eve.send(elsewhere.id, "Eve's too");
  await bob.ok("POST", `/conversations/${id}/forwards`, {
    clientMessageId: "f",
    conversationId: elsewhere.id,
    seq: 1,
  });
  await ada.ok("PUT", `/conversations/${id}/messages/3/hidden`);
  await ada.call("POST", `/conversations/${id}/messages/2/report`, { reason: "spam" });
  const admin = person(undefined, "admin");
  const { items } = ReportPage.parse(await admin.ok("GET", "/message-reports?limit=100"));
  const report = items.find(({ conversationId }) => conversationId === id)?.id;
  const shown = async () =>
    ReportInFull.parse(await admin.ok("GET", `/message-reports/${report}`)).context.map(
      ({ senderId, text, forwarded }) => [senderId, text, forwarded?.senderId ?? null],
    );
  const [spam, hidden] = [
    [bob.userId, "spam", null],
    [bob.userId, null, null],
  ];
  expect(await shown()).toEqual([
    [eve.userId, "Eve's", null],
    spam,
    hidden,
    [bob.userId, "Eve's too", eve.userId],
  ]);
  const erasure = { userId: eve.userId, erasureId: crypto.randomUUID() };
  await consumeAll([delivery("person.erasure_requested", erasure)]);
  const eraser = parseEnv(Env, env).ERASER.getByName(eve.userId);
  const goOn = () =>
    runInDurableObject(eraser, async (object, { storage }) => {
      await object.alarm();
      return storage.kv.get("progress") !== undefined;
    });
  while (await goOn());
  expect(await shown()).toEqual([[null, null, null], spam, hidden, hidden]);
});

it("what somebody deleted for themself stays so while the archive is written anew", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  const text = word();
  await bob.send(id, text);
  await ada.ok("PUT", `/conversations/${id}/messages/1/hidden`);
  await archive(id);
  await runInDurableObject(objectOf(id), (_, { storage }) =>
    distrustArchive(context(), new ConversationStore(storage.sql)),
  );
  expect(await ada.ok("GET", `/messages?q=${text}`)).toMatchObject({ items: [] });
  expect(await bob.ok("GET", `/messages?q=${text}`)).toMatchObject({ items: [{ seq: 1 }] });
});

it("who comes back is in the archive before what was written while they were away", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  await ada.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
  const at = new Date().toISOString();
  for (let n = 0; n < ARCHIVED_AT_ONCE + 5; n++) {
    const ids = { message: crypto.randomUUID(), sent: crypto.randomUUID(), shared: crypto.randomUUID() };
    const later = new Date(Date.parse(at) + n * 1_000).toISOString();
    await objectOf(id).send({ userId: ada.userId, at: later }, { clientMessageId: `${n}`, text: "x" }, ids);
  }
  await ada.ok("POST", `/conversations/${id}/members`, { userIds: [bob.userId] });
  const batch = await runInDurableObject(objectOf(id), (_, { storage }) => {
    const store = new ConversationStore(storage.sql);
    store.sql.exec("UPDATE conversation SET archived = 0");
    return readUnarchived(store);
  });
  expect(batch?.messages.length).toBeLessThanOrEqual(ARCHIVED_AT_ONCE);
  const from = batch?.members.find(({ user_id }) => user_id === bob.userId)?.visible_from;
  expect(from).toBeGreaterThan(ARCHIVED_AT_ONCE);
});
