import { expect, it } from "vitest";
import type { Message } from "../schemas/message.ts";
import { Sender, type Sending, type SendOutcome } from "./sender.ts";

const sending = (n: number): Sending => ({
  act: { userId: crypto.randomUUID(), at: new Date(0).toISOString() },
  input: { clientMessageId: String(n), text: "hello", attachments: [], mentions: [] },
  ids: { message: crypto.randomUUID(), sent: crypto.randomUUID(), shared: crypto.randomUUID() },
});
const sent = ({ act, input, ids }: Sending): SendOutcome => {
  const message: Message = {
    conversationId: ids.message,
    seq: 1,
    id: ids.message,
    clientMessageId: input.clientMessageId,
    senderId: act.userId,
    kind: "text",
    text: input.text,
    replyTo: null,
    forwarded: null,
    hidden: false,
    attachments: [],
    mentions: [],
    reactions: [],
    pinned: false,
    revision: 1,
    createdAt: act.at,
    editedAt: null,
    deletedAt: null,
  };
  return { answer: { message, made: true } };
};
const namesOf = (batch: Sending[]) => batch.map(({ input }) => input.clientMessageId);

/** A sender whose calls are answered by hand. */
function sender() {
  const calls: { batch: Sending[]; end: PromiseWithResolvers<SendOutcome[]> }[] = [];
  const made = new Sender((batch) => {
    const end = Promise.withResolvers<SendOutcome[]>();
    calls.push({ batch, end });
    return end.promise;
  });
  return { made, calls };
}

it("sends at once, and what comes meanwhile together, in order, each with its own answer", async () => {
  const { made, calls } = sender();
  const answers = [0, 1, 2, 3].map((n) => made.send(sending(n)));
  expect(calls.map(({ batch }) => namesOf(batch))).toEqual([["0"]]);
  for (let call = 0; call < 2; call++) {
    const { batch, end } = calls[call] ?? {};
    end?.resolve(batch?.map(sent) ?? []);
    await answers[call];
    await Promise.resolve();
  }
  expect(calls.map(({ batch }) => namesOf(batch))).toEqual([["0"], ["1", "2", "3"]]);
  for (const [n, answer] of answers.entries())
    expect(await answer).toMatchObject({ answer: { message: { clientMessageId: String(n) } } });
});

it("tells those of a call that failed, and goes on with the next", async () => {
  const { made, calls } = sender();
  const [first, second] = [made.send(sending(0)), made.send(sending(1))];
  calls[0]?.end.reject(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  await expect.poll(() => calls.length).toBe(2);
  const { batch = [], end } = calls[1] ?? {};
  end?.resolve(batch.map(sent));
  expect(await second).toHaveProperty("answer");
});
