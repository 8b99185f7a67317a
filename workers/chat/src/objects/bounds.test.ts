import { runInDurableObject } from "cloudflare:test";
import { uuidv7 } from "@souk/kit/ids";
import { describe, expect, it } from "vitest";
import { answerOf, type Outcome } from "../conversation/outcome.ts";
import { findUnread } from "../conversation/remind.ts";
import { ConversationStore } from "../conversation/store.ts";
import {
  CHANGE_WINDOW_MS,
  MAX_ATTACHMENTS,
  MAX_EMOJIS,
  MAX_MEMBERS,
  MAX_PINS,
  TYPING_MS,
} from "../limits.ts";
import { objectOf, person } from "../../test/person.ts";
import { enter } from "../../test/room.ts";

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();
const refusal = (outcome: Outcome<unknown>) => ("refusal" in outcome ? outcome.refusal.code : undefined);

describe("a message", () => {
  it("is changed by its sender for a day, and deleted by who manages the group at any time", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.group([bob]);
    const { createdAt } = await bob.send(id, "Gold");
    const as = ({ userId }: typeof ada, ms: number) => ({ userId, at: later(createdAt, ms) });
    const object = objectOf(id);
    expect(refusal(await object.edit(as(bob, CHANGE_WINDOW_MS), 1, "Gold!"))).toBeUndefined();
    expect(refusal(await object.edit(as(bob, CHANGE_WINDOW_MS + 1), 1, "Lead"))).toBe("conflict");
    expect(refusal(await object.remove(as(bob, CHANGE_WINDOW_MS + 1), 1))).toBe("conflict");
    expect(answerOf(await object.remove(as(ada, 30 * CHANGE_WINDOW_MS), 1)).text).toBeNull();
  });

  it("has so many files and kinds of reaction, and a conversation so many pins", async () => {
    const ada = person();
    const { id } = await ada.group([]);
    const path = `/conversations/${id}/messages`;
    const file = { mediaId: crypto.randomUUID(), name: "a.jpg", contentType: "image/jpeg", bytes: 1 };
    const files = (count: number) => Array.from({ length: count }, () => file);
    const sent = await ada.send(id, "Look", { attachments: files(MAX_ATTACHMENTS) });
    expect(sent.attachments).toHaveLength(MAX_ATTACHMENTS);
    for (const attachments of [
      files(MAX_ATTACHMENTS + 1),
      [],
      [{ ...file, mediaId: "x" }],
      [{ ...file, bytes: -1 }],
    ])
      expect((await ada.call("POST", path, { clientMessageId: "x", text: "x", attachments })).status).toBe(
        400,
      );

    const at = new Date().toISOString();
    const act = { userId: ada.userId, at };
    const emoji = (n: number) => String.fromCodePoint(0x1f600 + n);
    for (let n = 0; n < MAX_EMOJIS; n++) await objectOf(id).react(act, 1, { emoji: emoji(n), on: true });
    const react = (n: number) => objectOf(id).react(act, 1, { emoji: emoji(n), on: true });
    expect(refusal(await react(MAX_EMOJIS))).toBe("limit_reached");
    expect(refusal(await react(0))).toBeUndefined();

    for (let n = 0; n < MAX_PINS; n++) {
      const ids = { message: uuidv7(new Date()), sent: uuidv7(new Date()), shared: uuidv7(new Date()) };
      // A second apart: nobody sends too fast.
      const said = { userId: ada.userId, at: later(at, n * 1_000) };
      answerOf(await objectOf(id).send(said, { clientMessageId: `pin${n}`, text: "x" }, ids));
      expect(refusal(await objectOf(id).pin(act, n + 1, true))).toBeUndefined();
    }
    expect(refusal(await objectOf(id).pin(act, MAX_PINS + 1, true))).toBe("limit_reached");
    expect(refusal(await objectOf(id).pin(act, 1, true))).toBeUndefined();
  });
});

it("a group has so many members", async () => {
  const members = Array.from({ length: MAX_MEMBERS }, (_, n) => ({
    userId: uuidv7(new Date()),
    role: n === 0 ? ("owner" as const) : ("member" as const),
    status: "active" as const,
  }));
  const [owner, other] = members;
  if (owner === undefined || other === undefined) throw new Error("There is nobody");
  const act = { userId: owner.userId, at: new Date().toISOString() };
  const id = crypto.randomUUID();
  const founding = { id, kind: "group", title: "Gold", object: null, history: "all" } as const;
  answerOf(await objectOf(id).create(act, { ...founding, members, eventIds: [] }));
  const coming = { userId: person().userId, role: "member", status: "active" } as const;
  expect(refusal(await objectOf(id).invite(act, [coming]))).toBe("limit_reached");
  // Who is in it already takes no place.
  expect(refusal(await objectOf(id).invite(act, [{ ...coming, userId: other.userId }]))).toBeUndefined();
  answerOf(await objectOf(id).removeMember(act, other.userId));
  expect(refusal(await objectOf(id).invite(act, [coming]))).toBeUndefined();
});

it("typing is told every few seconds at most, and kept nowhere", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  const listening = await enter(bob, id);
  const revision = () =>
    runInDurableObject(
      objectOf(id),
      (_, { storage }) => new ConversationStore(storage.sql).conversation().revision,
    );
  const before = await revision();
  const at = new Date().toISOString();
  for (const ms of [0, 1, TYPING_MS - 1, TYPING_MS])
    answerOf(await objectOf(id).typing({ userId: ada.userId, at: later(at, ms) }));
  expect(await revision()).toBe(before);
  await ada.send(id, "Yes");
  await listening.first(({ type }) => type === "event");
  expect(listening.frames.filter(({ type }) => type === "ephemeral")).toHaveLength(2);
  listening.close();
});

it("a mute ends by itself at its time", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  const until = later(new Date().toISOString(), 3_600_000);
  await bob.ok("PUT", `/conversations/${id}/mute`, { until });
  await ada.send(id, "Good morning");
  const toldAt = (at: string) =>
    runInDurableObject(objectOf(id), (_, { storage }) =>
      findUnread(new ConversationStore(storage.sql), new Date(at), "").unread?.members.map(
        ({ userId }) => userId,
      ),
    );
  expect(await toldAt(later(until, -1))).toBeUndefined();
  expect(await toldAt(until)).toEqual([bob.userId]);
  expect((await bob.call("PUT", `/conversations/${id}/mute`, { until: "tomorrow" })).status).toBe(400);
  expect((await person().call("PUT", `/conversations/${id}/mute`, { until })).status).toBe(404);
});
