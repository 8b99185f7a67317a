import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { messages, scheduled } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { uuidv7 } from "@souk/kit/ids";
import { asc, eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { watchFetch } from "../../../../test/limits/watch-fetch.ts";
import { isUnarchived } from "../conversation/archive.ts";
import { editMessage } from "../conversation/change-message.ts";
import { saveDraft } from "../conversation/save-draft.ts";
import { scheduleMessage } from "../conversation/schedule-message.ts";
import { sendMessage } from "../conversation/send-message.ts";
import { ConversationStore } from "../conversation/store.ts";
import { Env } from "../env.ts";
import {
  ARCHIVED_AT_ONCE,
  FIRST_RETRY_MS,
  LONGEST_RETRY_MS,
  MAX_EDITS,
  MAX_SCHEDULED,
  MAX_TEXT_BYTES,
} from "../limits.ts";
import { archive, objectOf, person } from "../../test/person.ts";
import { Archivist } from "./archivist.ts";

const chat = () => parseEnv(Env, env);
const newContext = () => createContext(chat(), { service: "chat", waitUntil: () => {} });
/** What Neon takes over HTTP in one request. */
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
/** As long as a text may be, of characters that are seven bytes each in a statement's parameter. */
const longest = (n: number): string => String.fromCharCode(1 + n).repeat(MAX_TEXT_BYTES);

it("a write is within what the database takes, however much is to be archived and whatever it says", async () => {
  const people = Array.from({ length: ARCHIVED_AT_ONCE }, () => person());
  const [ada, ...others] = people;
  if (ada === undefined) throw new Error("There is nobody");
  const { id } = await ada.group(others);
  const at = new Date().toISOString();
  const act = { userId: ada.userId, at };
  using watched = watchFetch();
  const stored = <T>(work: (store: ConversationStore) => T) =>
    runInDurableObject(objectOf(id), (_, { storage }) => work(new ConversationStore(storage.sql)));
  await stored((store) => {
    for (let n = 0; n < ARCHIVED_AT_ONCE; n++) {
      const [message, sent, shared] = [uuidv7(new Date()), uuidv7(new Date()), uuidv7(new Date())];
      const input = { clientMessageId: `m${n}`, text: longest(0) };
      const { seq } = sendMessage(store, act, input, { message, sent, shared });
      for (let edit = 1; edit <= MAX_EDITS; edit++) editMessage(store, act, seq, longest(edit));
    }
    for (const { userId } of people) saveDraft(store, { userId, at }, { text: longest(0), replyTo: null });
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    for (let n = 0; n < MAX_SCHEDULED; n++)
      scheduleMessage(store, act, { clientMessageId: `l${n}`, text: longest(0), sendAt });
  });
  await archive(id);
  expect(await stored(isUnarchived)).toBe(false);
  expect(watched.longestRequest).toBeGreaterThan(MAX_REQUEST_BYTES / 10);
  expect(watched.longestRequest).toBeLessThan(MAX_REQUEST_BYTES / 2);
  const db = httpDatabase(chat().DATABASE_URL, chat().NEON_ENDPOINT);
  // Of one state of the conversation, in several writes.
  expect(await db.$count(scheduled, eq(scheduled.conversationId, id))).toBe(MAX_SCHEDULED);
  const rows = await db
    .select({ seq: messages.seq, text: messages.text })
    .from(messages)
    .where(eq(messages.conversationId, id))
    .orderBy(asc(messages.seq));
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: ARCHIVED_AT_ONCE }, (_, n) => n + 1));
  expect(new Set(rows.map(({ text }) => text))).toEqual(new Set([longest(MAX_EDITS)]));
}, 60_000);

it("waits longer with each failure, up to the longest, and begins anew when a write has succeeded", async () => {
  const { id } = await person().group([]);
  await runInDurableObject(objectOf(id), async (_, { storage }) => {
    const archivist = new Archivist(new ConversationStore(storage.sql));
    const waits = Array.from({ length: 12 }, () => archivist.failed());
    expect(waits.slice(0, 3)).toEqual([FIRST_RETRY_MS, 2 * FIRST_RETRY_MS, 4 * FIRST_RETRY_MS]);
    expect(waits.at(-1)).toBe(LONGEST_RETRY_MS);
    await archivist.write(newContext());
    expect(archivist.failed()).toBe(FIRST_RETRY_MS);
  });
});
