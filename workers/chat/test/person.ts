import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import type { Role } from "@souk/kit/actor";
import { parseEnv } from "@souk/kit/config";
import { uuidv7 } from "@souk/kit/ids";
import { Env } from "../src/env.ts";
import { Conversation, ConversationPage } from "../src/schemas/conversation.ts";
import { Message, MessagePage, Receipt } from "../src/schemas/message.ts";

/** The object of a conversation. */
export const objectOf = (id: string) => parseEnv(Env, env).CONVERSATION.getByName(id);

/** Has a conversation write to the archive what it has not yet. It may be doing so by itself; twice is harmless. */
export const archive = (id: string): Promise<void> =>
  runInDurableObject(objectOf(id), (conversation) => conversation.alarm());

/** One person's requests. */
export function person(userId: string = uuidv7(new Date()), role: Role = "user") {
  const sessionId = uuidv7(new Date());
  const headers = {
    [ACTOR_HEADER]: encodeActor({ userId, email: "ada@example.com", role, sessionId }),
    "content-type": "application/json",
  };
  const call = (method: string, path: string, body?: unknown) =>
    exports.default.fetch(`https://souk.test/api/v1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const ok = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await call(method, path, body);
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const of = (id: string) => `/conversations/${id}`;
  let sent = 0;
  return {
    userId,
    sessionId,
    headers,
    call,
    ok,
    direct: async (other: { userId: string }) =>
      Conversation.parse(await ok("POST", "/conversations", { kind: "direct", peerId: other.userId })),
    group: async (others: { userId: string }[], more: Record<string, unknown> = {}) =>
      Conversation.parse(
        await ok("POST", "/conversations", {
          kind: "group",
          title: "Gold",
          ...(others.length > 0 && { userIds: others.map((other) => other.userId) }),
          ...more,
        }),
      ),
    send: async (id: string, text: string, more: Record<string, unknown> = {}) =>
      Message.parse(await ok("POST", `${of(id)}/messages`, { clientMessageId: `m${++sent}`, text, ...more })),
    history: async (id: string, query = "?limit=100") =>
      MessagePage.parse(await ok("GET", `${of(id)}/messages${query}`)),
    read: async (id: string, seq: number) => Receipt.parse(await ok("PUT", `${of(id)}/read`, { seq })),
    open: async (id: string) => Conversation.parse(await ok("GET", of(id))),
    list: async (query = "") => ConversationPage.parse(await ok("GET", `/conversations${query}`)),
  };
}
export type TestPerson = ReturnType<typeof person>;

/** Somebody who is asked before they are written to; who wants no messages; who is nobody. */
const ending = (end: string): string => `${uuidv7(new Date()).slice(0, -8)}${end}`;
export const askedFirst = (): TestPerson => person(ending("aaaaaaaa"));
export const unwilling = (): TestPerson => person(ending("bbbbbbbb"));
export const nobody = (): TestPerson => person(`00000000${uuidv7(new Date()).slice(8)}`);
