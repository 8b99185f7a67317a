import { connectRealtime, createSouk, type ChatEvent, type Position, type Souk } from "@souk/client";
import type { Platform } from "../platform.ts";
import { logIn } from "./log-in.ts";
import { newPerson } from "./person.ts";
import { register } from "./register.ts";
import { step } from "./step.ts";
import { until } from "./until.ts";
import { awaitVerificationMail, followVerificationLink } from "./verify-email.ts";

/** Somebody who is logged in, with what their device was told. */
interface Chatter {
  name: string;
  id: string;
  souk: Souk;
  told: ChatEvent[];
  connect: () => Promise<{ recovered: boolean }>;
  disconnect: () => void;
}

async function join(platform: Platform, name: string): Promise<Chatter> {
  const { apiUrl } = platform;
  const souk = createSouk({ baseUrl: apiUrl });
  const person = newPerson(name);
  await register(souk, person);
  await followVerificationLink(souk, await awaitVerificationMail(apiUrl, platform.inboxUrl, person));
  await logIn(souk, person);
  const id = (await souk.GET("/api/v1/users/me")).data.userId;
  const told: ChatEvent[] = [];
  let disconnect = () => {};
  let position: Position | undefined;
  const connect = async () => {
    let subscribed: { recovered: boolean } | undefined;
    const realtime = connectRealtime(souk, { baseUrl: apiUrl });
    disconnect = () => realtime.close();
    const handlers = {
      onSubscribed: (state: { recovered: boolean; position: Position }) => {
        subscribed = state;
        if (!state.recovered) ({ position } = state);
      },
      onEvent: (data: unknown, at: Position) => {
        position = at;
        told.push(data as ChatEvent);
      },
      onEphemeral: (data: unknown) => told.push(data as ChatEvent),
    };
    realtime.subscribe("chat", handlers, position);
    return until(`${name}'s subscription`, () => subscribed);
  };
  return { name, id, souk, told, connect, disconnect: () => disconnect() };
}

const textsOf = ({ told }: Chatter): (string | null)[] =>
  told.flatMap((event) => (event.type === "message" ? [event.message.text] : []));

/** Sends messages, one after the other, and returns once each is durable. */
async function send({ souk }: Chatter, id: string, texts: string[]): Promise<void> {
  for (const text of texts)
    await souk.POST("/api/v1/conversations/{id}/messages", {
      params: { path: { id } },
      body: { clientMessageId: crypto.randomUUID(), text },
    });
}

async function unreadOf({ souk }: Chatter, id: string): Promise<number> {
  return (await souk.GET("/api/v1/conversations/{id}", { params: { path: { id } } })).data.unread;
}

/**
 * Plays how two people write to each other: told at once, read, cut off and back, nothing lost and nothing twice.
 * @throws StepFailed at the first step that is not observed
 */
export async function playChat(platform: Platform): Promise<void> {
  const [ada, bob] = [await join(platform, "Ada"), await join(platform, "Bob")];
  try {
    await step("Connect", async () => {
      await Promise.all([ada.connect(), bob.connect()]);
      return { observed: "both are connected by WebSocket", found: undefined };
    });
    const id = await step("Write a message", async () => {
      const body = { kind: "direct", peerId: bob.id } as const;
      const { data } = await ada.souk.POST("/api/v1/conversations", { body });
      await send(ada, data.id, ["Is the ring still there?"]);
      await until("the message with Bob", () => textsOf(bob)[0]);
      return { observed: `Bob was told: "${textsOf(bob)[0]}"`, found: data.id };
    });
    const params = { path: { id } };
    await step("Type and read", async () => {
      await bob.souk.POST("/api/v1/conversations/{id}/typing", { params });
      await until("Bob's typing", () => ada.told.find(({ type }) => type === "typing"));
      await bob.souk.PUT("/api/v1/conversations/{id}/read", { params, body: { seq: 1 } });
      await until("the receipt", () =>
        ada.told.find((event) => event.type === "member" && event.member.readSeq === 1),
      );
      return { observed: "Ada saw that Bob types, and that he has read it", found: undefined };
    });
    await step("Come back", async () => {
      bob.disconnect();
      const before = textsOf(bob).length;
      const texts = ["I could come at five.", "Or at six?", "Just say."];
      await send(ada, id, texts);
      const { recovered } = await bob.connect();
      await until("what Bob missed", () => textsOf(bob).length - before >= texts.length || undefined);
      const missed = textsOf(bob).slice(before);
      const unread = await unreadOf(bob, id);
      if (!recovered || missed.join() !== texts.join() || unread !== texts.length)
        throw new Error(`recovered ${recovered}, unread ${unread}, told ${missed.join(" | ")}`);
      return {
        observed: `Bob was away for ${texts.length} messages, and then got them once and in order; ${unread} unread`,
        found: undefined,
      };
    });
    await step("Search", async () => {
      await until("the message in the search", async () => {
        const { data } = await bob.souk.GET("/api/v1/messages", { params: { query: { q: "ring" } } });
        return data.items.find((message) => message.conversationId === id);
      });
      return { observed: 'Bob\'s search for "ring" finds the message', found: undefined };
    });
  } finally {
    ada.disconnect();
    bob.disconnect();
  }
}
