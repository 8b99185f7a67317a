import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import type { Publication } from "@souk/kit/realtime/frames";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { watchObject } from "@souk/kit/watch-object";
import { watchWork } from "@souk/kit/watch-work";
import { z } from "zod";
import type { Gone } from "../conversation/publish.ts";
import { Env } from "../env.ts";
import type { Conversation } from "./conversation.ts";
import { RoomHost } from "./room-host.ts";
import { Room } from "./room.ts";

/** With what an object accepts a socket that has been authorised. */
export const RoomConnection = z.object({
  conversationId: z.uuid(),
  userId: z.uuid(),
  sessionId: z.uuid(),
  connectedAt: z.iso.datetime(),
  visibleFrom: z.int(),
});
export type RoomConnection = z.infer<typeof RoomConnection>;

/** Some of the open sockets of a large conversation's room. It is published to once for each shard, however many sockets that has. */
export class RoomShard extends RoomHost {
  protected readonly room: Room;
  #id: string | undefined;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.room = new Room(state, () => this.#conversationId(), {
      typing: (act) =>
        this.#ask("typing", (conversation, cause) => conversation.typing({ ...act, traceparent: cause })),
      read: (act, seq, eventId) =>
        this.#ask("read", (conversation, cause) =>
          conversation.moveCursor({ ...act, traceparent: cause }, "read", seq, eventId),
        ),
      sendAll: (batch) =>
        this.#ask("send", (conversation, cause) =>
          conversation.sendAll(
            batch.map((sending) => ({ ...sending, act: { ...sending.act, traceparent: cause } })),
          ),
        ),
    });
  }

  /**
   * Accepts a WebSocket, or a stream of server-sent events, that `openRoom` has authorised; 401 when its session has ended since, 404 when
   * its person takes no part any more.
   */
  override fetch(request: Request): Response {
    const { conversationId, ...connection } = RoomConnection.parse(
      JSON.parse(request.headers.get("x-connection") ?? "null"),
    );
    const goneAt = this.ctx.storage.kv.get<string>(`gone:${connection.userId}`);
    if (goneAt !== undefined && connection.connectedAt < goneAt) return new Response(null, { status: 404 });
    if (this.#id !== conversationId) this.ctx.storage.kv.put("conversation", conversationId);
    this.#id = conversationId;
    return this.room.connect(request.headers, connection);
  }

  /** As the room's. Returns whether it has ended. */
  publish(publications: Publication[], gone: Gone[]): boolean {
    for (const { userId, at } of gone) this.ctx.storage.kv.put(`gone:${userId}`, at);
    return this.room.publish(publications, gone);
  }

  endSession(sessionId: string): void {
    this.room.endSession(sessionId);
  }

  /** Asks the conversation, in a trace of its own: what comes over a socket has none. */
  #ask<T>(
    what: string,
    question: (
      conversation: Pick<Conversation, "typing" | "moveCursor" | "sendAll">,
      cause: string,
    ) => Promise<T>,
  ): Promise<T> {
    const context = createContext(parseEnv(Env, this.env), {
      service: "chat",
      waitUntil: (work) => this.ctx.waitUntil(work),
    });
    const conversation = watchObject(
      context,
      "CONVERSATION",
      context.env.CONVERSATION.getByName(this.#conversationId()),
    );
    return watchWork(context, `RoomShard.${what}`, () =>
      callTimeout.execute(() => question(conversation, traceparent(context.trace))),
    );
  }

  #conversationId(): string {
    this.#id ??= z.uuid().parse(this.ctx.storage.kv.get("conversation"));
    return this.#id;
  }
}
