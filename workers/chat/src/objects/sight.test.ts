import { runInDurableObject } from "cloudflare:test";
import { uuidv7 } from "@souk/kit/ids";
import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { expireMessages } from "../conversation/expire-messages.ts";
import { answerOf, type Outcome } from "../conversation/outcome.ts";
import { readUnpublished } from "../conversation/publish.ts";
import { ConversationStore } from "../conversation/store.ts";
import type { Conversation } from "./conversation.ts";
import { FoundMessages } from "../schemas/message.ts";
import { holdSchedules, SCHEDULES, SCHEDULES_MS } from "../../../../test/schedules.ts";
import { archive, objectOf, person } from "../../test/person.ts";

/** For how long it is kept, if not for ever: longer than anybody's devices may ask for what they missed. */
const KEEP_DAYS = 2;
/** The first is the owner, who stays. */
const PEOPLE = 4;
const anybody = fc.nat({ max: PEOPLE - 1 });
const guest = fc.integer({ min: 1, max: PEOPLE - 1 });
const seq = fc.integer({ min: 1, max: 9 });
/** Whether who wrote it changes it, and not just anybody. */
const own = fc.boolean();
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), who: anybody }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("edit" as const), who: anybody, seq, own }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), who: anybody, seq, own }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("hide" as const), who: anybody, seq }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("react" as const), who: anybody, seq }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pin" as const), seq }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("invite" as const), who: guest, asked: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("answer" as const), who: guest, yes: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("leave" as const), who: guest }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), who: guest }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("title" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("history" as const), open: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("erase" as const), who: guest }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("keep" as const), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("expire" as const), age: fc.nat({ max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("hold" as const), on: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Said {
  sender: number | null;
  kind: "text" | "system";
  written: number;
  /** What it has said, and since which step; nothing when it is deleted. */
  versions: { text: string; since: number }[];
  reactions: Set<number>;
  /** Whom it names. */
  about: number | null;
  pinned: boolean;
}
interface Part {
  status: "active" | "requested" | "declined" | "left" | "removed" | undefined;
  from: number;
  /** The last message that they may see, and the step with which they went. */
  to: { seq: number; step: number } | undefined;
  hidden: Set<number>;
  /** With which step they said no. */
  declined: number | undefined;
}
const Told = z.object({
  type: z.literal("message"),
  message: z.object({ seq: z.int(), text: z.string().nullable() }),
});
type Seen = { seq: number; text: string | null; hidden: boolean };

/** The plain model of who may see what. */
class Sight {
  messages: Said[] = [];
  parts: Part[] = Array.from({ length: PEOPLE }, () => ({
    status: undefined,
    from: 1,
    to: undefined,
    hidden: new Set(),
    declined: undefined,
  }));
  open = false;
  titles: number[] = [0];
  now = 0;
  keeps = false;
  isHeld = false;
  /** What was taken away while it was held. */
  held: { seq: number; text: string }[] = [];
  /** Places whose message changed with this step; of which it went. */
  changed = new Set<number>();
  emptied = new Set<number>();

  part(who: number): Part {
    const part = this.parts[who];
    if (part === undefined) throw new Error("There is nobody");
    return part;
  }
  sees(who: number, at: number): boolean {
    const { status, from, to } = this.part(who);
    if (status === undefined || status === "declined") return false;
    return at >= from && at <= Math.min(to?.seq ?? at, this.messages.length);
  }
  text(who: number, at: number): string | null {
    const gone = this.part(who).to?.step ?? Number.POSITIVE_INFINITY;
    return this.messages[at - 1]?.versions.findLast(({ since }) => since <= gone)?.text ?? null;
  }
  earlier(who: number, at: number): string[] {
    const gone = this.part(who).to?.step ?? Number.POSITIVE_INFINITY;
    const seen = this.messages[at - 1]?.versions.filter(({ since }) => since <= gone) ?? [];
    return seen.slice(0, -1).map(({ text }) => text);
  }
  history(who: number): Seen[] {
    return this.messages.flatMap((_, index) => {
      const at = index + 1;
      if (!this.sees(who, at)) return [];
      const hidden = this.part(who).hidden.has(at);
      return [{ seq: at, text: hidden ? null : this.text(who, at), hidden }];
    });
  }
  append(sender: number, kind: Said["kind"], text: string, about: number | null = null): void {
    const versions = [{ text, since: this.now }];
    this.messages.push({
      sender,
      kind,
      versions,
      reactions: new Set(),
      about,
      pinned: false,
      written: this.now,
    });
    this.changed.add(this.messages.length);
  }
  /** What it says is about to go, or to be edited. */
  hold(at: number): void {
    const text = this.messages[at - 1]?.versions.at(-1)?.text;
    if (this.isHeld && text !== undefined) this.held.push({ seq: at, text });
  }
  empty(at: number): void {
    const message = this.messages[at - 1];
    if (message === undefined) return;
    this.hold(at);
    Object.assign(message, { versions: [], reactions: new Set(), about: null, pinned: false });
    this.changed.add(at);
    this.emptied.add(at);
  }
  end(who: number, status: "left" | "removed"): void {
    Object.assign(this.part(who), { status, to: { seq: this.messages.length, step: this.now } });
  }
}

const answered = (outcome: Outcome<unknown>): boolean => "answer" in outcome;
const seen = (all: Seen[]): Seen[] => all.map(({ seq: at, text, hidden }) => ({ seq: at, text, hidden }));

async function newGroup() {
  const ids = Array.from({ length: PEOPLE }, () => uuidv7(new Date()));
  const id = uuidv7(new Date());
  const word = `w${crypto.randomUUID().replaceAll("-", "")}`;
  const idOf = (who: number) => ids[who] ?? "";
  const begun = Date.now();
  const model = new Sight();
  const at = () => new Date(begun + model.now * 1_000).toISOString();
  const act = (who: number) => ({ userId: idOf(who), at: at() });
  const members = [0, 1, 2].map((who) => ({
    userId: idOf(who),
    role: who === 0 ? ("owner" as const) : ("member" as const),
    status: "active" as const,
  }));
  const founding = {
    id,
    kind: "group" as const,
    title: "0",
    object: null,
    history: "since_joining" as const,
    members,
    eventIds: [],
  };
  const group = objectOf(id);
  answerOf(await group.create(act(0), founding));
  for (const who of [0, 1, 2]) model.part(who).status = "active";

  /** Carries a step out on the object and the model. Returns whether the object took it, and whether the model says it should. */
  async function carryOut(next: Step): Promise<[boolean, boolean]> {
    if (next.do === "title") {
      const outcome = await group.settings(act(0), { title: String(model.now) });
      model.titles.push(model.messages.length + 1);
      model.append(0, "system", "title_changed");
      return [answered(outcome), true];
    }
    if (next.do === "history") {
      model.open = next.open;
      return [answered(await group.settings(act(0), { history: next.open ? "all" : "since_joining" })), true];
    }
    if (next.do === "keep") {
      const outcome = await group.settings(act(0), { keepDays: next.on ? KEEP_DAYS : null });
      if (model.keeps !== next.on) model.append(0, "system", "retention_changed");
      model.keeps = next.on;
      return [answered(outcome), true];
    }
    if (next.do === "hold") {
      const outcome = next.on ? await group.hold(act(0), "Case 7") : await group.endHold(at());
      const wasHeld = model.isHeld;
      model.isHeld = next.on;
      if (!next.on) model.held = [];
      return [answered(outcome), next.on || wasHeld];
    }
    if (next.do === "expire") return expire(next.age);
    if ("seq" in next) return mark(next);
    return takePart(next);
  }
  /** Turns the clock of the retention alone, so that what is some steps old goes. */
  async function expire(age: number): Promise<[boolean, boolean]> {
    const then = new Date(begun + (model.now - age) * 1_000 + KEEP_DAYS * 24 * 3_600_000).toISOString();
    await runInDurableObject(group, (_, { storage }) =>
      storage.transactionSync(() => expireMessages(new ConversationStore(storage.sql), then)),
    );
    for (const [index, { kind, written, versions }] of model.messages.entries())
      if (model.keeps && kind === "text" && written <= model.now - age && versions.length > 0)
        model.empty(index + 1);
    // Who is gone had it in their devices' log so long ago that it went from there by itself.
    model.emptied.clear();
    return [true, true];
  }
  async function mark(next: Extract<Step, { seq: number }>): Promise<[boolean, boolean]> {
    const place = next.seq;
    const message = model.messages[place - 1];
    const anyone = "who" in next ? next.who : 0;
    const who = "own" in next && next.own ? (message?.sender ?? anyone) : anyone;
    const part = model.part(who);
    if (next.do === "hide") {
      const may = model.sees(who, place);
      if (may) part.hidden.add(place);
      return [answered(await group.hide(act(who), place)), may];
    }
    const there =
      part.status === "active" && model.sees(who, place) && !part.hidden.has(place) && message !== undefined;
    const isGone = there && message.versions.length === 0;
    if (next.do === "react") {
      if (there && !isGone && !message.reactions.has(who)) model.changed.add(place);
      if (there && !isGone) message.reactions.add(who);
      return [answered(await group.react(act(who), place, { emoji: "👍", on: true })), there && !isGone];
    }
    if (next.do === "pin") {
      if (there && !isGone && !message.pinned) model.changed.add(place);
      if (there && !isGone) message.pinned = true;
      return [answered(await group.pin(act(who), place, true)), there && !isGone];
    }
    const isOwn = there && message.sender === who && message.kind === "text";
    if (next.do === "edit") {
      const text = `${word} edited ${model.now}`;
      const outcome = await group.edit(act(who), place, text);
      // It can be edited ten times, which no schedule does.
      if (isOwn && !isGone) {
        model.hold(place);
        message.versions.push({ text, since: model.now });
        model.changed.add(place);
      }
      return [answered(outcome), isOwn && !isGone];
    }
    const may = isOwn || (there && message.kind === "text" && who === 0);
    const outcome = await group.remove(act(who), place);
    if (may && !isGone) model.empty(place);
    return [answered(outcome), may || isGone];
  }
  async function takePart(
    next: Exclude<Step, { seq: number } | { do: "title" | "history" | "keep" | "hold" | "expire" }>,
  ): Promise<[boolean, boolean]> {
    const { who } = next;
    const part = model.part(who);
    const { status } = part;
    if (next.do === "send") {
      const text = `${word} said ${model.now}`;
      const places = { message: uuidv7(new Date()), sent: uuidv7(new Date()), shared: uuidv7(new Date()) };
      const outcome = await group.send(act(who), { clientMessageId: String(model.now), text }, places);
      if (status === "active") model.append(who, "text", text);
      return [answered(outcome), status === "active"];
    }
    if (next.do === "invite") {
      const coming = next.asked ? "requested" : "active";
      const outcome = await group.invite(act(0), [{ userId: idOf(who), role: "member", status: coming }]);
      if (status === "active" || status === "requested") return [answered(outcome), true];
      Object.assign(part, {
        status: coming,
        from: model.open ? 1 : model.messages.length + 1,
        to: undefined,
      });
      if (!next.asked) model.append(0, "system", "member_joined", who);
      return [answered(outcome), true];
    }
    if (next.do === "answer") {
      const outcome = await group.answerRequest(act(who), next.yes);
      if (status !== "requested") return [answered(outcome), status === "active" && next.yes];
      part.status = next.yes ? "active" : "declined";
      if (!next.yes) part.declined = model.now;
      if (next.yes) model.append(who, "system", "member_joined");
      return [answered(outcome), true];
    }
    if (next.do === "leave") {
      const outcome = await group.removeMember(act(who), idOf(who));
      if (status === "active") {
        model.append(who, "system", "member_left");
        model.end(who, "left");
      }
      return [answered(outcome), status !== undefined && status !== "declined"];
    }
    if (next.do === "remove") {
      const outcome = await group.removeMember(act(0), idOf(who));
      if (status === "active") model.append(0, "system", "member_removed", who);
      if (status === "active" || status === "requested") model.end(who, "removed");
      return [answered(outcome), status !== undefined];
    }
    const outcome = await group.erase(idOf(who), at());
    for (const [index, { sender, kind, reactions }] of model.messages.entries()) {
      if (sender === who && kind === "text") model.empty(index + 1);
      if (sender === who) model.changed.add(index + 1);
      if (reactions.delete(who)) model.changed.add(index + 1);
    }
    for (const [index, message] of model.messages.entries()) {
      if (message.sender === who) message.sender = null;
      if (message.about !== who) continue;
      message.about = null;
      model.changed.add(index + 1);
    }
    Object.assign(part, { status: undefined, to: undefined, hidden: new Set() });
    return [answered(outcome), true];
  }

  /** What the hubs of each are told of messages since a revision, and which one it is now. */
  const toldSince = (revision: number) =>
    runInDurableObject(group, (_, { storage }) => {
      const store = new ConversationStore(storage.sql);
      store.sql.exec("UPDATE conversation SET published = ?", revision);
      const { hubs = [], own = [] } = readUnpublished(store) ?? {};
      const told = Map.groupBy(
        [...hubs, ...own.map(({ userId, publications }) => ({ userIds: [userId], publications }))].flatMap(
          ({ userIds, publications }) =>
            publications.flatMap(({ data }) => {
              const { data: found } = Told.safeParse(data);
              return found === undefined ? [] : userIds.map((userId) => ({ userId, ...found.message }));
            }),
        ),
        ({ userId }) => userId,
      );
      return { told, revision: store.conversation().revision };
    });
  const order = (all: { seq: number; text: string | null }[]) =>
    all.map(({ seq: place, text }) => ({ seq: place, text })).toSorted((a, b) => a.seq - b.seq);

  let { revision } = await toldSince(0);
  async function run(next: Step): Promise<void> {
    model.now++;
    model.changed.clear();
    model.emptied.clear();
    const [took, should] = await carryOut(next);
    expect(took).toBe(should);
    const { told, revision: now } = await toldSince(revision);
    revision = now;
    for (let who = 0; who < PEOPLE; who++) {
      const { status, from, to, hidden, declined = 0 } = model.part(who);
      // Who is gone is told only what of what they had seen is deleted.
      const news = [...(to === undefined && status !== "declined" ? model.changed : model.emptied)];
      const knew = (place: number) =>
        status === "declined"
          ? place >= from && (model.messages[place - 1]?.written ?? 0) <= declined
          : model.sees(who, place);
      const mine = news.filter((place) => knew(place) && !hidden.has(place));
      const expected = mine.map((place) => ({ seq: place, text: model.text(who, place) }));
      expect(order(told.get(idOf(who)) ?? [])).toEqual(order(expected));
    }
  }

  /** Holds all that each can ask the object to the model. */
  async function holdAsked(asked: Conversation): Promise<void> {
    for (let who = 0; who < PEOPLE; who++) {
      const { status, to, hidden } = model.part(who);
      const reads = status !== undefined && status !== "declined";
      const mine = model.history(who);
      for (const from of [{ after: 0 }, { before: null }]) {
        const history = await asked.history(idOf(who), from, 100);
        expect(answered(history)).toBe(reads);
        if (reads) expect(order(answerOf(history))).toEqual(order(mine));
        if (reads && "after" in from) expect(seen(answerOf(history))).toEqual(mine);
      }
      const read = await asked.read(idOf(who));
      expect(answered(read)).toBe(reads);
      if (reads) {
        const { lastMessage, lastSeq, title } = answerOf(read);
        expect(lastMessage === null ? [] : seen([lastMessage])).toEqual(mine.slice(-1));
        expect(lastSeq).toBe(to?.seq ?? model.messages.length);
        const changedSince = model.titles.some((place) => place > (to?.seq ?? place));
        expect(title === null).toBe(changedSince);
      }
      expect(answered(await asked.members(idOf(who), null, 10))).toBe(reads && to === undefined);
      expect(answered(await asked.enterRoom(act(who)))).toBe(status === "active");
      expect(answered(await asked.typing(act(who)))).toBe(status === "active");
      const pins = await asked.pins(idOf(who));
      expect(answered(pins)).toBe(reads);
      const pinned = mine.filter((one) => !one.hidden && model.messages[one.seq - 1]?.pinned);
      if (reads) expect(seen(answerOf(pins))).toEqual(pinned);
      // What can be asked of each message, one of them asks in each schedule.
      const asks = who === model.now % PEOPLE ? model.messages.length + 1 : 0;
      for (let place = 1; place <= asks; place++) {
        const shown = model.sees(who, place) && !hidden.has(place);
        const edits = await asked.edits(idOf(who), place);
        expect(answered(edits)).toBe(shown);
        if (shown) expect(answerOf(edits).map(({ text }) => text)).toEqual(model.earlier(who, place));
        const original = await asked.original(idOf(who), place);
        const text = shown && model.messages[place - 1]?.kind === "text" ? model.text(who, place) : null;
        expect(answered(original)).toBe(text !== null);
        if (text !== null) expect(answerOf(original).text).toBe(text);
        const context = await asked.context(idOf(who), place);
        if (!answered(context)) continue;
        expect(shown).toBe(true);
        for (const one of seen(answerOf(context).around)) expect(mine).toContainEqual(one);
      }
    }
  }
  async function hold(): Promise<void> {
    await runInDurableObject(group, holdAsked);
    const held = await group.held(0, 100);
    expect(answered(held)).toBe(model.isHeld);
    if (model.isHeld) expect(answerOf(held).map(({ message }) => message)).toMatchObject(model.held);
    await archive(id);
  }

  /** Holds what one of them finds in the archive to the model. */
  async function holdFound(who: number): Promise<void> {
    const { status, to, hidden } = model.part(who);
    // Rows of the erased go from the directory with the rest of what is kept of them.
    if (status === undefined) return;
    const me = person(idOf(who));
    const { items } = FoundMessages.parse(await me.ok("GET", `/messages?q=${word}&limit=100`));
    // Those who are asked do not search; who is gone does not find what was edited since.
    const found = model.history(who).filter(({ seq: place, text }) => {
      const { kind, versions = [] } = model.messages[place - 1] ?? {};
      const edited = (versions.at(-1)?.since ?? 0) > (to?.step ?? Number.POSITIVE_INFINITY);
      return status !== "requested" && kind === "text" && text !== null && !edited && !hidden.has(place);
    });
    expect(order(items)).toEqual(order(found));
    const listedAs = status === "requested" ? "requested" : "active";
    const listed = (await me.list(`?status=${listedAs}`)).items.find((one) => one.id === id);
    expect(listed !== undefined).toBe(status === "active" || status === "requested");
    if (listed !== undefined)
      expect(listed.lastMessage === null ? [] : seen([listed.lastMessage])).toEqual(
        model.history(who).slice(-1),
      );
  }
  return { run, hold, holdFound };
}

it(
  `each is shown what a plain model of sight says, and nothing else, on every path through ${SCHEDULES} schedules`,
  async () => {
    await holdSchedules({
      of: "sight",
      schedule: fc.array(step, { minLength: 8, maxLength: 16 }),
      begin: newGroup,
      isAlone: () => false,
      holdAll: async (groups) => {
        await Promise.all(groups.map((group, n) => group.holdFound(n % PEOPLE)));
      },
    });
  },
  SCHEDULES_MS,
);
