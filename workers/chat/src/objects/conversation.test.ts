import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type Database, httpDatabase } from "@souk/db/client";
import { members, messages } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { uuidv7 } from "@souk/kit/ids";
import { inArray } from "drizzle-orm";
import fc from "fast-check";
import { expect, it } from "vitest";
import { answerOf } from "../conversation/outcome.ts";
import { Env } from "../env.ts";
import type { Message } from "../schemas/message.ts";
import { holdSchedules, SCHEDULES, SCHEDULES_MS } from "../../../../test/schedules.ts";
import { archive, objectOf } from "../../test/person.ts";

const newId = () => uuidv7(new Date());
const PEOPLE = 3;
const who = fc.nat({ max: PEOPLE - 1 });
/** What can happen to a conversation; `key` names a client's message, so that the same one comes again. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send"), who, key: fc.nat({ max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("read"), who, seq: fc.nat({ max: 14 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("edit"), who, seq: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("delete"), who, seq: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "end" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "archive" as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Model {
  messages: { sender: number; key: number; text: string | null }[];
  read: number[];
}
const unreadOf = ({ messages: all, read }: Model, person: number): number =>
  all.filter(({ sender }, index) => sender !== person && index + 1 > (read[person] ?? 0)).length;

/** Ends the object where it stands; its memory, and what was on its way to others, is gone. */
async function end(id: string): Promise<void> {
  const ended = runInDurableObject(objectOf(id), (_, state) => state.abort("ended by the test"));
  await expect(ended).rejects.toThrow("ended by the test");
}

const seen = (all: Message[]) => all.map(({ seq, senderId, text }) => ({ seq, senderId, text }));

/** A group of three, and how the plain model of it and the object do the same. */
async function newGroup() {
  const ids = Array.from({ length: PEOPLE }, newId);
  const id = newId();
  const idOf = (person: number) => ids[person] ?? "";
  const act = (person: number) => ({ userId: idOf(person), at: new Date().toISOString() });
  const founding = {
    id,
    kind: "group" as const,
    title: "Gold",
    object: null,
    history: "all" as const,
    members: ids.map((userId) => ({ userId, role: "member" as const, status: "active" as const })),
    eventIds: [],
  };
  answerOf(await objectOf(id).create(act(0), founding));
  const model: Model = { messages: [], read: ids.map(() => 0) };

  async function send({ who: person, key }: { who: number; key: number }) {
    const input = { clientMessageId: `${key}`, text: `${person}:${key}` };
    const places = { message: newId(), sent: newId(), shared: newId() };
    const { message, made } = answerOf(await objectOf(id).send(act(person), input, places));
    const known = model.messages.findIndex(({ sender, key: other }) => sender === person && other === key);
    expect(made).toBe(known === -1);
    if (made) model.messages.push({ sender: person, key, text: input.text });
    expect(message.seq).toBe(made ? model.messages.length : known + 1);
  }
  async function change({ do: what, who: person, seq }: { do: string; who: number; seq: number }) {
    const message = model.messages[seq - 1];
    const allowed = message?.sender === person && (what === "delete" || message.text !== null);
    const text = `edited ${seq}`;
    const outcome =
      what === "edit"
        ? await objectOf(id).edit(act(person), seq, text)
        : await objectOf(id).remove(act(person), seq);
    // Who deletes what is deleted is answered, whoever they are.
    expect("answer" in outcome).toBe(allowed || (what === "delete" && message?.text === null));
    if (allowed && message) message.text = what === "edit" ? text : null;
  }
  async function run(next: Step): Promise<void> {
    if (next.do === "end") return end(id);
    if (next.do === "archive") return archive(id);
    if (next.do === "send" && "key" in next) return send(next);
    if (!("seq" in next)) return;
    if (next.do !== "read") return change(next);
    const to = Math.min(next.seq, model.messages.length);
    model.read[next.who] = Math.max(model.read[next.who] ?? 0, to);
    const { readSeq, unread } = answerOf(
      await objectOf(id).moveCursor(act(next.who), "read", next.seq, newId()),
    );
    expect([readSeq, unread]).toEqual([model.read[next.who], unreadOf(model, next.who)]);
  }
  const expected = () =>
    model.messages.map(({ sender, text }, index) => ({ seq: index + 1, senderId: idOf(sender), text }));
  /** Holds what the object says to the model, for each of its members. */
  async function hold(): Promise<void> {
    for (let person = 0; person < PEOPLE; person++) {
      const history = answerOf(await objectOf(id).history(idOf(person), { after: 0 }, 100));
      expect(seen(history)).toEqual(expected());
      expect(answerOf(await objectOf(id).read(idOf(person))).unread).toBe(unreadOf(model, person));
    }
    await archive(id);
  }
  return { id, idOf, model, run, hold, expected };
}

type Group = Awaited<ReturnType<typeof newGroup>>;

/** Holds the archive of all groups to their models. */
async function holdArchive(db: Database, groups: Group[]): Promise<void> {
  const ids = groups.map(({ id }) => id);
  const [archived, people] = await db.batch([
    db.select().from(messages).where(inArray(messages.conversationId, ids)).orderBy(messages.seq),
    db.select().from(members).where(inArray(members.conversationId, ids)),
  ]);
  const texts = Map.groupBy(archived, (row) => row.conversationId);
  const rows = Map.groupBy(people, (row) => row.conversationId);
  for (const { id, idOf, model, expected } of groups) {
    const theirs = texts.get(id) ?? [];
    expect(theirs.map(({ seq, senderId, text }) => ({ seq, senderId, text }))).toEqual(expected());
    const unread = rows
      .get(id)
      ?.map(
        (row) => [row.userId, model.messages.length - row.readSeq - (row.written - row.writtenRead)] as const,
      );
    expect(new Map(unread)).toEqual(
      new Map(model.read.map((_, person) => [idOf(person), unreadOf(model, person)])),
    );
  }
}

it(
  `is what a plain model says through ${SCHEDULES} schedules of whatever happens, and so is its archive`,
  async () => {
    const db = httpDatabase(env.DATABASE_URL, parseEnv(Env, env).NEON_ENDPOINT);
    await holdSchedules({
      of: "conversations",
      schedule: fc.array(step, { maxLength: 25 }),
      begin: newGroup,
      isAlone: (act) => act.do === "end",
      holdAll: (groups) => holdArchive(db, groups),
    });
  },
  SCHEDULES_MS,
);
