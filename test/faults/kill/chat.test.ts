import { setTimeout as wait } from "node:timers/promises";
import { type ChatEvent, connectRealtime, createSouk } from "@souk/client";
import { asOwner } from "@souk/db/operate/owner";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { killAmidTelling } from "./amid-telling.ts";
import { type CrowdedPlatform, startCrowded } from "./crowded-platform.ts";
import type { Member } from "./crowd.ts";
import { workerdOf } from "./workerd-process.ts";

const SIZE = 200;
/** Acknowledged messages. */
const KILLED_AFTER = 300;
/** Kills while all send over their sockets, one message each. */
const KILLS = 3;
/** Messages in flight at once: at most these are still acknowledged after the kill, from what the sockets hold. */
const IN_FLIGHT = 20;
/** What the system writes has no client's id. */
const Sent = z.object({ seq: z.int(), clientMessageId: z.string().nullable() });
const Page = z.object({ items: z.array(Sent) });
const Id = z.object({ id: z.uuid() });
const Archived = z.array(z.object({ seq: z.int(), logged: z.boolean() }));

let at: CrowdedPlatform;
let crowd: Member[];

const call = (member: Member, method: string, path: string, body?: object) =>
  at.call(member, method, `/conversations${path}`, body);

/** Asks again while a platform that has only just started is busy. */
async function insist(ask: () => ReturnType<typeof call>): ReturnType<typeof call> {
  let last: unknown;
  for (let tries = 0; tries < 20; tries++) {
    const answer = await ask().catch((error: unknown) => void (last = error));
    if (answer !== undefined && answer.status < 300) return answer;
    last = answer ?? last;
    await wait(500);
  }
  throw new Error(`It stays busy: ${JSON.stringify(last)}`);
}

const send = (member: Member, id: string, clientMessageId: string) =>
  call(member, "POST", `/${id}/messages`, { clientMessageId, text: "Is the ring still there?" });

/** Every message, from the first on. */
async function readAll(member: Member, id: string): Promise<z.infer<typeof Sent>[]> {
  const all: z.infer<typeof Sent>[] = [];
  for (;;) {
    const path = `/${id}/messages?from=${all.length + 1}&limit=100`;
    const { json } = await insist(() => call(member, "GET", path));
    const { items } = Page.parse(json);
    all.push(...items);
    if (items.length < 100) return all;
  }
}

/** What of people the archive holds, and whether the log has been told of it. */
const archived = (id: string) =>
  asOwner(at.platform.databaseUrl, async (client) => {
    const { rows } = await client.query<object>(
      `SELECT m.seq, EXISTS (SELECT FROM events.log l WHERE l.type = 'message.sent' AND l.data ->> 'messageId' = m.id::text) AS logged
       FROM chat.messages m WHERE m.conversation_id = $1 AND m.kind = 'text' ORDER BY m.seq`,
      [id],
    );
    return Archived.parse(rows);
  });

beforeAll(async () => {
  at = await startCrowded(SIZE);
  crowd = at.crowd;
  await asOwner(at.platform.databaseUrl, (client) =>
    client.query(
      `INSERT INTO users.profiles (id, user_id, first_name, last_name, created_at, updated_at)
       SELECT gen_random_uuid(), value::uuid, 'Ada', 'Lovelace', now(), now() FROM jsonb_array_elements_text($1::jsonb)`,
      [JSON.stringify(crowd.map(({ id }) => id))],
    ),
  );
}, 120_000);
afterAll(() => at.stop(), 30_000);

/** A group of the whole crowd. */
async function newGroup(): Promise<{ id: string; owner: Member }> {
  const [owner] = crowd;
  if (owner === undefined) throw new Error("a crowd was expected");
  const ids = crowd.slice(1).map((member) => member.id);
  const founding = {
    kind: "group",
    title: "Gold",
    clientConversationId: crypto.randomUUID(),
    userIds: ids.slice(0, 100),
  };
  const begun = await insist(() => call(owner, "POST", "", founding));
  const { id } = Id.parse(begun.json);
  await insist(() => call(owner, "POST", `/${id}/members`, { userIds: ids.slice(100) }));
  return { id, owner };
}

/** A member in the room of a group, by the published client, with the places of the messages that it was told of. */
function enter({ token }: Member, id: string) {
  const baseUrl = at.platform.apiUrl;
  const souk = createSouk({ baseUrl, tokens: { accessToken: token, refreshToken: "none" } });
  const room = connectRealtime(souk, {
    baseUrl,
    path: `/ws/rooms/${id}`,
    // With the token besides the ticket: the gateway lets only so many strangers of one address in.
    open: (url, { onText, onClose }) => {
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
      socket.on("message", (data: Buffer) => onText(data.toString()));
      socket.on("error", () => {});
      socket.on("close", (code, reason) => onClose(code, reason.toString()));
      return { send: (text) => socket.send(text), close: (code) => socket.close(code) };
    },
  });
  const seqs: number[] = [];
  const recovered: boolean[] = [];
  room.subscribe(`room.${id}`, {
    onSubscribed: (state) => recovered.push(state.recovered),
    onEvent: (data) => {
      const event = data as ChatEvent;
      if (event.type === "message") seqs.push(event.message.seq);
    },
  });
  const say = async (clientMessageId: string) => {
    const message = { clientMessageId, text: "Is the ring still there?" };
    return Sent.parse(await room.send({ type: "message.send", message })).seq;
  };
  return { room, seqs, recovered, say };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 90_000; Date.now() < end; await wait(50)) if (holds()) return;
  throw new Error(`Not within 90 s: ${what}`);
}

it(`workerd is killed with -9 while ${SIZE} clients send: each acknowledged message is there once, in its place`, async () => {
  const { id, owner } = await newGroup();
  const workerd = workerdOf(at.dir);
  const acknowledged = new Map<string, number>();
  const inDoubt: { member: Member; clientMessageId: string }[] = [];
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async (_, lane) => {
      for (let n = lane; ; n += IN_FLIGHT) {
        const member = crowd[n % SIZE] ?? owner;
        const clientMessageId = `${n}`;
        const answer = await send(member, id, clientMessageId).catch(() => undefined);
        if (answer?.status !== 201) return void inDoubt.push({ member, clientMessageId });
        acknowledged.set(clientMessageId, Sent.parse(answer.json).seq);
        if (acknowledged.size === KILLED_AFTER) process.kill(workerd, "SIGKILL");
      }
    }),
  );
  expect(acknowledged.size).toBeGreaterThanOrEqual(KILLED_AFTER);
  expect(acknowledged.size).toBeLessThan(KILLED_AFTER + IN_FLIGHT);
  expect(inDoubt).toHaveLength(IN_FLIGHT);

  await at.restart();

  const sentOf = (messages: z.infer<typeof Sent>[]) =>
    messages.filter(({ clientMessageId }) => clientMessageId !== null);
  const seqsOf = (messages: z.infer<typeof Sent>[]) =>
    new Map(sentOf(messages).map(({ clientMessageId, seq }) => [clientMessageId, seq]));
  const kept = await readAll(owner, id);
  expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, n) => n + 1));
  const seqs = seqsOf(kept);
  expect(seqs.size, "nothing is there twice").toBe(sentOf(kept).length);
  for (const [clientMessageId, seq] of acknowledged) expect(seqs.get(clientMessageId)).toBe(seq);

  // Whoever had no answer sends again: what was kept is found, the rest is written now.
  for (const { member, clientMessageId } of inDoubt) {
    const { status } = await insist(() => send(member, id, clientMessageId));
    expect(status).toBe(seqs.has(clientMessageId) ? 200 : 201);
  }
  const all = await readAll(owner, id);
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, n) => n + 1));
  expect(all.slice(0, kept.length)).toEqual(kept);
  expect(seqsOf(all).size).toBe(sentOf(all).length);
  expect(sentOf(all)).toHaveLength(acknowledged.size + IN_FLIGHT);

  const whole = sentOf(all).map(({ seq }) => ({ seq, logged: true }));
  for (const end = Date.now() + 60_000; (await archived(id)).length < whole.length && Date.now() < end;)
    await wait(50);
  expect(await archived(id)).toEqual(whole);
}, 240_000);

it(`workerd is killed with -9 ${KILLS} times while ${SIZE} sockets send and the room is being told: each acknowledged message is there once, and told to each once, in order`, async () => {
  const { id, owner } = await newGroup();
  const before = (await readAll(owner, id)).length;
  const people = crowd.map((member) => enter(member, id));
  await until("everybody in the room", () => people.every(({ recovered }) => recovered.length === 1));

  const acknowledged = new Map<string, number>();
  for (let kill = 0; kill < KILLS; kill++) {
    const before = acknowledged.size;
    const sending = people.map(async ({ say }, person) => {
      const clientMessageId = `${kill}:${person}`;
      acknowledged.set(clientMessageId, await say(clientMessageId));
    });
    await killAmidTelling(workerdOf(at.dir), at.dir, id, () => acknowledged.size - before < SIZE);
    await at.restart();
    await Promise.all(sending);
  }

  const all = await readAll(owner, id);
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, n) => n + 1));
  const said = all.slice(before);
  expect(new Map(said.map(({ clientMessageId, seq }) => [clientMessageId, seq]))).toEqual(acknowledged);
  expect(said).toHaveLength(SIZE * KILLS);

  const whole = said.map(({ seq }) => seq);
  await until("everybody told", () => people.every(({ seqs }) => seqs.at(-1) === whole.at(-1)));
  for (const { seqs, recovered, room } of people) {
    expect(seqs).toEqual(whole);
    expect(recovered.slice(1)).not.toContain(false);
    room.close();
  }
}, 240_000);
