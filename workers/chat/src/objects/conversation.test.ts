import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type Database, httpDatabase } from "@souk/db/client";
import { hidden, members, messages, scheduled } from "@souk/db/schema/chat";
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
/** Few, so that what is written for later is changed, taken back and sent by hand. */
const ofLater = fc.nat({ max: 1 });
/** What can happen to a conversation; `key` names a client's message, so that the same one comes again. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send"), who, key: fc.nat({ max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("read"), who, seq: fc.nat({ max: 14 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("edit"), who, seq: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("delete"), who, seq: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("hide"), who, seq: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("forward"),
      who,
      seq: fc.integer({ min: 1, max: 12 }),
      key: fc.nat({ max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("draft"), who, text: fc.constantFrom("", "a", "b") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("schedule" as const),
      who,
      key: ofLater,
      hours: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("reschedule" as const, "unschedule" as const),
      who,
      key: ofLater,
      hours: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass" as const), elapsed: fc.integer({ min: 1, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "end" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "archive" as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Said {
  sender: number;
  key: string;
  text: string | null;
  /** What it said before. */
  earlier: string[];
  /** Of a copy: who wrote it first. */
  origin: number | null;
}
/** What is to be sent later, in the order of its making. */
interface Waiting {
  sender: number;
  key: string;
  text: string;
  hour: number;
}
interface Model {
  messages: Said[];
  waiting: Waiting[];
  /** Hours that have passed. */
  hour: number;
  read: number[];
  hidden: Set<number>[];
  drafts: string[];
}
const unreadOf = ({ messages: all, read }: Model, person: number): number =>
  all.filter(({ sender }, index) => sender !== person && index + 1 > (read[person] ?? 0)).length;

/** Ends the object where it stands; its memory, and what was on its way to others, is gone. */
async function end(id: string): Promise<void> {
  const ended = runInDurableObject(objectOf(id), (_, state) => state.abort("ended by the test"));
  await expect(ended).rejects.toThrow("ended by the test");
}

/** In the order in which it will be sent. */
const ordered = (waiting: Waiting[]): Waiting[] => waiting.toSorted((a, b) => a.hour - b.hour);

const seen = (all: Message[]) =>
  all.map(({ seq, senderId, text, hidden, forwarded }) => ({
    seq,
    senderId,
    text,
    hidden,
    origin: forwarded?.senderId ?? null,
  }));

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
  const begun = Date.now();
  const model: Model = {
    messages: [],
    waiting: [],
    hour: 0,
    read: ids.map(() => 0),
    hidden: ids.map(() => new Set()),
    drafts: ids.map(() => ""),
  };
  const hides = (person: number, seq: number) => model.hidden[person]?.has(seq) === true;

  async function send({ who: person, key }: { who: number; key: number }) {
    const input = { clientMessageId: `${key}`, text: `${person}:${key}` };
    const places = { message: newId(), sent: newId(), shared: newId() };
    const { message, made } = answerOf(await objectOf(id).send(act(person), input, places));
    take(person, `${key}`, { text: input.text, origin: null }, message.seq, made);
  }
  /** Holds what was answered to whoever sent something to the model, and takes it over. */
  function take(
    sender: number,
    key: string,
    said: Pick<Said, "text" | "origin">,
    seq: number,
    made: boolean,
  ) {
    const known = model.messages.findIndex((one) => one.sender === sender && one.key === key);
    expect(made).toBe(known === -1);
    if (made) model.messages.push({ sender, key, earlier: [], ...said });
    expect(seq).toBe(made ? model.messages.length : known + 1);
  }
  async function forward({ who: person, seq, key }: { who: number; seq: number; key: number }) {
    const from = model.messages[seq - 1];
    const known = model.messages.some((one) => one.sender === person && one.key === `f${key}`);
    const original = await objectOf(id).original(idOf(person), seq);
    const places = { message: newId(), sent: newId(), shared: newId() };
    const outcome = await objectOf(id).forward(act(person), `f${key}`, original, places);
    const readable = from !== undefined && from.text !== null && !hides(person, seq);
    expect("answer" in original).toBe(readable);
    expect("answer" in outcome).toBe(known || readable);
    if (!("answer" in outcome)) return;
    const said = { text: from?.text ?? null, origin: from?.origin ?? from?.sender ?? null };
    take(person, `f${key}`, said, outcome.answer.message.seq, outcome.answer.made);
  }
  async function hide({ who: person, seq }: { who: number; seq: number }) {
    const outcome = await objectOf(id).hide(act(person), seq);
    expect("answer" in outcome).toBe(seq <= model.messages.length);
    if ("answer" in outcome) model.hidden[person]?.add(seq);
  }
  async function draft({ who: person, text }: { who: number; text: string }) {
    answerOf(await objectOf(id).draft(act(person), { text, replyTo: null }));
    model.drafts[person] = text;
  }
  /** Writes something for later, changes it, or takes it back. */
  async function later({
    do: what,
    who: person,
    key: named,
    hours,
  }: {
    do: "schedule" | "reschedule" | "unschedule";
    who: number;
    key: number;
    hours: number;
  }) {
    const key = `${named}`;
    const known = model.waiting.find((one) => one.sender === person && one.key === key);
    const isSent = model.messages.some((one) => one.sender === person && one.key === key);
    const text = `later ${person}:${key} ${model.messages.length % 2}`;
    const sendAt = new Date(begun + (hours - 0.5) * 3_600_000).toISOString();
    const hour = model.hour + hours;
    if (what === "schedule") {
      const outcome = await objectOf(id).schedule(act(person), { clientMessageId: key, text, sendAt });
      expect("answer" in outcome).toBe(known !== undefined || !isSent);
      if ("answer" in outcome) expect(outcome.answer.made).toBe(known === undefined);
      if (known === undefined && !isSent) model.waiting.push({ sender: person, key, text, hour });
      return;
    }
    const outcome =
      what === "reschedule"
        ? await objectOf(id).reschedule(act(person), key, { text, sendAt })
        : await objectOf(id).unschedule(act(person), key);
    expect("answer" in outcome).toBe(known !== undefined);
    if (known !== undefined && what === "reschedule") Object.assign(known, { text, hour });
    if (what === "unschedule") model.waiting = model.waiting.filter((one) => one !== known);
  }
  /** Hours pass for this group: what is due is sent. */
  async function pass(hours: number) {
    await runInDurableObject(objectOf(id), (_, { storage }) => {
      const earlier = "strftime('%Y-%m-%dT%H:%M:%fZ', send_at, ?)";
      storage.sql.exec(`UPDATE scheduled SET send_at = ${earlier}`, `-${hours} hours`);
    });
    await archive(id);
    model.hour += hours;
    for (const { sender, key, text } of ordered(model.waiting.filter(({ hour }) => hour <= model.hour)))
      if (!model.messages.some((one) => one.sender === sender && one.key === key))
        model.messages.push({ sender, key, text, earlier: [], origin: null });
    model.waiting = model.waiting.filter(({ hour }) => hour > model.hour);
  }
  async function change({ do: what, who: person, seq }: { do: string; who: number; seq: number }) {
    const message = model.messages[seq - 1];
    const own = message?.sender === person && !hides(person, seq);
    const allowed = own && (what === "delete" || (message.text !== null && message.origin === null));
    const text = `edited ${seq}:${model.messages.length % 2}`;
    const outcome =
      what === "edit"
        ? await objectOf(id).edit(act(person), seq, text)
        : await objectOf(id).remove(act(person), seq);
    // Who deletes what is deleted is answered, whoever they are.
    const isGone = what === "delete" && message?.text === null && !hides(person, seq);
    expect("answer" in outcome).toBe(allowed || isGone);
    if (!allowed || (what === "edit" && message.text === text)) return;
    message.earlier = what === "edit" ? [...message.earlier, message.text ?? ""] : [];
    message.text = what === "edit" ? text : null;
    if (what === "delete") message.origin = null;
  }
  async function run(next: Step): Promise<void> {
    if (next.do === "end") return end(id);
    if (next.do === "archive") return archive(id);
    if ("elapsed" in next) return pass(next.elapsed);
    if ("hours" in next) return later(next);
    if ("text" in next) return draft(next);
    if ("key" in next) return "seq" in next ? forward(next) : send(next);
    if (!("seq" in next)) return;
    if (next.do === "hide") return hide(next);
    if (next.do !== "read") return change(next);
    const to = Math.min(next.seq, model.messages.length);
    model.read[next.who] = Math.max(model.read[next.who] ?? 0, to);
    const { readSeq, unread } = answerOf(
      await objectOf(id).moveCursor(act(next.who), "read", next.seq, newId()),
    );
    expect([readSeq, unread]).toEqual([model.read[next.who], unreadOf(model, next.who)]);
  }
  const expected = (person?: number) =>
    model.messages.map(({ sender, text, origin }, index) => {
      const hidden = person !== undefined && hides(person, index + 1);
      const from = origin === null ? null : idOf(origin);
      const told = hidden ? { text: null, origin: null } : { text, origin: from };
      return { seq: index + 1, senderId: idOf(sender), hidden, ...told };
    });
  /** Holds what the object says to the model, for each of its members. */
  async function hold(): Promise<void> {
    for (let person = 0; person < PEOPLE; person++) {
      const history = answerOf(await objectOf(id).history(idOf(person), { after: 0 }, 100));
      expect(seen(history)).toEqual(expected(person));
      const { unread, me } = answerOf(await objectOf(id).read(idOf(person)));
      expect([unread, me.draft?.text ?? ""]).toEqual([unreadOf(model, person), model.drafts[person]]);
      const waiting = answerOf(await objectOf(id).waiting(idOf(person)));
      expect(waiting.map(({ clientMessageId: key, text }) => [key, text])).toEqual(
        ordered(model.waiting)
          .filter(({ sender }) => sender === person)
          .map(({ key, text }) => [key, text]),
      );
      for (const [index, { earlier }] of model.messages.entries())
        if (earlier.length > 0 && !hides(person, index + 1)) {
          const edits = answerOf(await objectOf(id).edits(idOf(person), index + 1));
          expect(edits.map(({ text }) => text)).toEqual(earlier);
        }
    }
    await archive(id);
  }
  return { id, idOf, model, run, hold, expected };
}

type Group = Awaited<ReturnType<typeof newGroup>>;

/** Holds the archive of all groups to their models. */
async function holdArchive(db: Database, groups: Group[]): Promise<void> {
  const ids = groups.map(({ id }) => id);
  const [archived, people, gone, later] = await db.batch([
    db.select().from(messages).where(inArray(messages.conversationId, ids)).orderBy(messages.seq),
    db.select().from(members).where(inArray(members.conversationId, ids)),
    db.select().from(hidden).where(inArray(hidden.conversationId, ids)).orderBy(hidden.seq),
    db.select().from(scheduled).where(inArray(scheduled.conversationId, ids)),
  ]);
  const hides = Map.groupBy(gone, (row) => row.conversationId);
  const texts = Map.groupBy(archived, (row) => row.conversationId);
  const rows = Map.groupBy(people, (row) => row.conversationId);
  const waiting = Map.groupBy(later, (row) => row.conversationId);
  for (const { id, idOf, model, expected } of groups) {
    const theirs = texts.get(id) ?? [];
    const copies = theirs.map(({ seq, senderId, text, originSenderId: origin }) => ({
      seq,
      senderId,
      hidden: false,
      text,
      origin,
    }));
    expect(copies).toEqual(expected());
    expect(theirs.map(({ edits }) => edits.map(({ text }) => text))).toEqual(
      model.messages.map(({ earlier }) => earlier),
    );
    const kept = waiting.get(id)?.map((row) => [row.userId, row.clientMessageId, row.text].join(" ")) ?? [];
    expect(kept.toSorted()).toEqual(
      model.waiting.map(({ sender, key, text }) => [idOf(sender), key, text].join(" ")).toSorted(),
    );
    const own = new Map(rows.get(id)?.map((row) => [row.userId, row.draft?.text ?? ""]));
    for (const [person, seqs] of model.hidden.entries()) {
      const archivedHidden = hides.get(id)?.filter(({ userId }) => userId === idOf(person)) ?? [];
      expect(archivedHidden.map(({ seq }) => seq)).toEqual([...seqs].toSorted((a, b) => a - b));
      expect(own.get(idOf(person))).toBe(model.drafts[person]);
    }
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
