import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { asOwner } from "@souk/db/operate/owner";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { z } from "zod";
import { freePort } from "../../../local/free-port.ts";
import { type Platform, startPlatform } from "../../../local/platform.ts";
import { localSecrets } from "../../../local/secrets.ts";
import { type Member, newCrowd } from "./crowd.ts";
import { workerdOf } from "./workerd-process.ts";

const SIZE = 200;
/** Acknowledged messages, while everybody else's next one is on its way. */
const KILLED_AFTER = 300;
const Sent = z.object({ seq: z.int(), clientMessageId: z.string() });
const Page = z.object({ items: z.array(Sent) });
const Id = z.object({ id: z.uuid() });
const Archived = z.array(z.object({ seq: z.int(), logged: z.boolean() }));

let dir: string;
let apiPort: number;
let platform: Platform;
let crowd: Member[];

const start = () => startPlatform({ dir, ports: { api: apiPort }, startMonth: "2008-01" });

async function call(member: Member, method: string, path: string, body?: object) {
  const response = await fetch(`${platform.apiUrl}/api/v1/conversations${path}`, {
    method,
    headers: { authorization: `Bearer ${member.token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, json: (await response.json()) as unknown };
}

/** Asks again while a platform that has only just started is busy. */
async function insist(ask: () => ReturnType<typeof call>): ReturnType<typeof call> {
  for (let tries = 0; tries < 5; tries++) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer.status < 300) return answer;
    await wait(500);
  }
  throw new Error("It stays busy");
}

const send = (member: Member, id: string, clientMessageId: string) =>
  call(member, "POST", `/${id}/messages`, { clientMessageId, text: "Is the ring still there?" });

/** Every message, from the first on. */
async function readAll(member: Member, id: string): Promise<z.infer<typeof Sent>[]> {
  const all: z.infer<typeof Sent>[] = [];
  for (;;) {
    const { json } = await call(member, "GET", `/${id}/messages?after=${all.length}&limit=100`);
    const { items } = Page.parse(json);
    all.push(...items);
    if (items.length < 100) return all;
  }
}

/** What the archive holds, and whether the log has been told of it. */
const archived = (id: string) =>
  asOwner(platform.databaseUrl, async (client) => {
    const { rows } = await client.query<object>(
      `SELECT m.seq, EXISTS (SELECT FROM events.log l WHERE l.type = 'message.sent' AND l.data ->> 'messageId' = m.id::text) AS logged
       FROM chat.messages m WHERE m.conversation_id = $1 ORDER BY m.seq`,
      [id],
    );
    return Archived.parse(rows);
  });

beforeAll(async () => {
  dir = join(inject("scratch"), crypto.randomUUID());
  apiPort = await freePort();
  platform = await start();
  const [jwtKey] = (await localSecrets(dir)).jwtKeys;
  if (jwtKey === undefined) throw new Error("a signing key was expected");
  crowd = await newCrowd(SIZE, { databaseUrl: platform.databaseUrl, apiUrl: platform.apiUrl, jwtKey });
  await asOwner(platform.databaseUrl, (client) =>
    client.query(
      `INSERT INTO users.profiles (id, user_id, first_name, last_name, created_at, updated_at)
       SELECT gen_random_uuid(), value::uuid, 'Ada', 'Lovelace', now(), now() FROM jsonb_array_elements_text($1::jsonb)`,
      [JSON.stringify(crowd.map(({ id }) => id))],
    ),
  );
}, 120_000);
afterAll(() => platform.stop(), 30_000);

it(`workerd is killed with -9 while ${SIZE} clients send: each acknowledged message is there once, in its place`, async () => {
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

  const workerd = workerdOf(dir);
  const acknowledged = new Map<string, number>();
  const inDoubt: { member: Member; clientMessageId: string }[] = [];
  await Promise.all(
    crowd.map(async (member) => {
      for (let n = 0; ; n++) {
        const clientMessageId = `${member.id}:${n}`;
        const answer = await send(member, id, clientMessageId).catch(() => undefined);
        if (answer?.status !== 201) return void inDoubt.push({ member, clientMessageId });
        acknowledged.set(clientMessageId, Sent.parse(answer.json).seq);
        if (acknowledged.size === KILLED_AFTER) process.kill(workerd, "SIGKILL");
      }
    }),
  );
  expect(acknowledged.size).toBeGreaterThanOrEqual(KILLED_AFTER);
  expect(inDoubt).toHaveLength(SIZE);

  await platform.stop();
  platform = await start();

  const seqsOf = (messages: z.infer<typeof Sent>[]) =>
    new Map(messages.map(({ clientMessageId, seq }) => [clientMessageId, seq]));
  const kept = await readAll(owner, id);
  expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, n) => n + 1));
  const seqs = seqsOf(kept);
  expect(seqs.size, "nothing is there twice").toBe(kept.length);
  for (const [clientMessageId, seq] of acknowledged) expect(seqs.get(clientMessageId)).toBe(seq);

  // Whoever had no answer sends again: what was kept is found, the rest is written now.
  for (const { member, clientMessageId } of inDoubt) {
    const { status } = await send(member, id, clientMessageId);
    expect(status).toBe(seqs.has(clientMessageId) ? 200 : 201);
  }
  const all = await readAll(owner, id);
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, n) => n + 1));
  expect(all.slice(0, kept.length)).toEqual(kept);
  expect(seqsOf(all).size).toBe(all.length);
  expect(all).toHaveLength(acknowledged.size + SIZE);

  const whole = all.map(({ seq }) => ({ seq, logged: true }));
  for (const end = Date.now() + 60_000; (await archived(id)).length < all.length && Date.now() < end;)
    await wait(50);
  expect(await archived(id)).toEqual(whole);
}, 240_000);
