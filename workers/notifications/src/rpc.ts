import { answerCall } from "@souk/kit/answer-call";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { Publication } from "@souk/kit/realtime/frames";
import { requireCaller } from "@souk/kit/require-caller";
import type { Admission, NotificationsService, PresenceState } from "@souk/kit/rpc";
import { WorkerEntrypoint } from "cloudflare:workers";
import { z } from "zod";
import { Env } from "./env.ts";
import { HUB_CHANNELS } from "./schemas.ts";
import { admitToRoom } from "./services/admit-to-room.ts";
import { chooseChannels } from "./services/choose-channels.ts";
import { listRooms } from "./services/list-rooms.ts";
import { publishToPeople } from "./services/publish-to-people.ts";
import { readPresence } from "./services/read-presence.ts";
import { unwatchPerson } from "./services/unwatch-person.ts";
import { watchPeople } from "./services/watch-people.ts";

/** Who may call what, by the caller that the binding names. */
const CALLERS: Record<keyof NotificationsService, readonly string[]> = {
  channels: ["email"],
  publish: ["chat"],
  publishEach: ["chat"],
  presence: ["chat"],
  watch: ["chat"],
  unwatch: ["chat"],
  admit: ["chat"],
  roomsOf: ["chat"],
};

/** An invocation may call 32 others. */
const People = z.array(z.uuid()).max(25);
const OfChat = z
  .array(Publication.extend({ channel: z.literal("chat" satisfies (typeof HUB_CHANNELS)[number]) }))
  .max(500);
const Deliveries = z.array(z.object({ userId: z.uuid(), publications: OfChat })).max(25);
const Session = z.object({ userId: z.uuid(), sessionId: z.uuid() });
const Credential = z.union([z.object({ ticket: z.string().max(200) }), Session]);
const Room = z.string().min(1).max(128);

/** What other Workers may ask. */
export class NotificationsRpc
  extends WorkerEntrypoint<object, { caller?: string }>
  implements NotificationsService
{
  channels(
    userId: string,
    type: string,
    traceparent?: string,
  ): Promise<{ inApp: boolean; email: boolean; push: boolean }> {
    return this.#answer("channels", traceparent, (context) =>
      chooseChannels(context, z.uuid().parse(userId), z.string().max(100).parse(type)),
    );
  }

  publish(
    userIds: string[],
    publications: Publication[],
    traceparent?: string,
  ): Promise<{ failed: string[]; connected: string[] }> {
    return this.#answer("publish", traceparent, (context) => {
      const parsed = OfChat.parse(publications);
      return publishToPeople(
        context,
        People.parse(userIds).map((userId) => ({ userId, publications: parsed })),
      );
    });
  }

  publishEach(
    deliveries: { userId: string; publications: Publication[] }[],
    traceparent?: string,
  ): Promise<{ failed: string[]; connected: string[] }> {
    return this.#answer("publishEach", traceparent, (context) =>
      publishToPeople(context, Deliveries.parse(deliveries)),
    );
  }

  presence(userIds: string[], traceparent?: string): Promise<PresenceState[]> {
    return this.#answer("presence", traceparent, (context) => readPresence(context, People.parse(userIds)));
  }

  watch(
    watcherId: string,
    userIds: string[],
    traceparent?: string,
  ): Promise<{ items: PresenceState[]; until: string }> {
    return this.#answer("watch", traceparent, (context) =>
      watchPeople(context, z.uuid().parse(watcherId), People.parse(userIds)),
    );
  }

  unwatch(userId: string, watcherId: string | null, traceparent?: string): Promise<void> {
    return this.#answer("unwatch", traceparent, (context) =>
      unwatchPerson(context, z.uuid().parse(userId), z.uuid().nullable().parse(watcherId)),
    );
  }

  admit(
    admission: Admission,
    room: string,
    traceparent?: string,
  ): Promise<{ userId: string; sessionId: string } | null> {
    return this.#answer("admit", traceparent, (context) =>
      admitToRoom(context, Credential.parse(admission), Room.parse(room)),
    );
  }

  roomsOf(userId: string, sessionId: string, traceparent?: string): Promise<string[]> {
    return this.#answer("roomsOf", traceparent, (context) => {
      const asked = Session.parse({ userId, sessionId });
      return listRooms(context, asked.userId, asked.sessionId);
    });
  }

  async #answer<T>(
    method: keyof NotificationsService,
    traceparent: string | undefined,
    work: (context: Context<Env>) => Promise<T>,
  ): Promise<T> {
    const caller = requireCaller(this.ctx.props, method, CALLERS[method]);
    const context = createContext(parseEnv(Env, this.env), {
      service: "notifications",
      waitUntil: (promise) => this.ctx.waitUntil(promise),
      traceparent,
    });
    return answerCall(context, { method, caller }, async (given) => work(given));
  }
}
