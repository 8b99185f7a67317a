import { parseEnv } from "@souk/kit/config";
import type { Publication } from "@souk/kit/realtime/frames";
import { callTimeout } from "@souk/kit/resilience";
import { z } from "zod";
import type { Gone } from "../conversation/publish.ts";
import { Env } from "../env.ts";
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
      typing: (act) => callTimeout.execute(async () => this.#conversation().typing(act)),
      read: (act, seq, eventId) =>
        callTimeout.execute(async () => this.#conversation().moveCursor(act, "read", seq, eventId)),
      sendAll: (batch) => callTimeout.execute(async () => this.#conversation().sendAll(batch)),
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

  #conversation() {
    return parseEnv(Env, this.env).CONVERSATION.getByName(this.#conversationId());
  }

  #conversationId(): string {
    this.#id ??= z.uuid().parse(this.ctx.storage.kv.get("conversation"));
    return this.#id;
  }
}
