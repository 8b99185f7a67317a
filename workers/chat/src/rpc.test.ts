import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { uuidv7 } from "@souk/kit/ids";
import { expect, it } from "vitest";
import { person } from "../test/person.ts";
import { ChatRpc } from "./rpc.ts";

/** The entrypoint as a binding with these props reaches it. */
const boundBy = (caller?: string) =>
  new ChatRpc(
    Object.assign(createExecutionContext(), { props: caller === undefined ? {} : { caller } }),
    env,
  );
const booking = () => ({ type: "booking", id: uuidv7(new Date()) });

it("a conversation belongs to an object, and is told what becomes of it once", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const jobs = boundBy("jobs");
  const object = booking();
  const bind = (userIds: string[]) => jobs.bindConversation({ object, title: "Boiler", userIds });
  const bound = await Promise.all(Array.from({ length: 5 }, () => bind([ada.userId, bob.userId])));
  const [{ conversationId: id } = { conversationId: "" }] = bound;
  expect(new Set(bound.map(({ conversationId }) => conversationId)).size).toBe(1);
  expect(await ada.open(id)).toMatchObject({ kind: "object", object, memberCount: 2 });
  const notice = { object, key: "confirmed", text: "The booking is confirmed." };
  const posted = await Promise.all(Array.from({ length: 5 }, () => jobs.postNotice(notice)));
  expect(posted.map(({ seq }) => seq)).toEqual([1, 1, 1, 1, 1]);
  await bind([ada.userId, eve.userId]);
  expect((await eve.history(id)).items).toMatchObject([
    { kind: "system", senderId: null, text: notice.text },
  ]);
  expect((await eve.open(id)).unread).toBe(1);
  // Who takes part is the object's matter.
  expect((await ada.call("DELETE", `/conversations/${id}/members/${ada.userId}`)).status).toBe(403);
  await expect(jobs.postNotice({ ...notice, object: booking() })).rejects.toMatchObject({
    code: "not_found",
  });
});

it.each([undefined, "gateway", "users"])("nothing is done for caller %s", async (caller) => {
  const binding = { object: booking(), title: "Boiler", userIds: [person().userId] };
  await expect(boundBy(caller).bindConversation(binding)).rejects.toMatchObject({ code: "forbidden" });
});
