import { expect, it } from "vitest";
import { type Message, Messages } from "./messages.ts";

const message = (seq: number, revision: number, text: string | null, hidden = false): Message => ({
  conversationId: "c",
  seq,
  id: `m${seq}`,
  clientMessageId: null,
  senderId: "ada",
  kind: "text",
  text,
  replyTo: null,
  forwarded: null,
  hidden,
  attachments: [],
  mentions: [],
  reactions: [],
  pinned: false,
  revision,
  createdAt: "2026-11-22T08:00:00.000Z",
  editedAt: null,
  deletedAt: null,
});
const texts = (messages: Messages) => messages.all().map(({ text }) => text);

it("what I deleted for myself stays empty, whatever a room tells of it, also what was not loaded when I did", () => {
  const messages = new Messages();
  messages.put(message(2, 5, "two"));
  messages.hide(2);
  messages.put(message(2, 6, "two, edited"));
  messages.hide(3);
  messages.put(message(3, 7, "three"));
  messages.put(message(4, 3, null, true));
  messages.put(message(4, 8, "four"));
  expect(texts(messages)).toEqual([null, null, null]);
});

it("covers what is loaded and what comes after, and all where nothing is", () => {
  const messages = new Messages();
  expect(messages.covers(1)).toBe(true);
  messages.put(message(5, 1, "five"));
  expect([4, 5, 6].map((seq) => messages.covers(seq))).toEqual([false, true, true]);
});
