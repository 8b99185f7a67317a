import { realTime } from "@souk/kit/clock";
import { parseEnv } from "@souk/kit/config";
import { appErrorOf } from "@souk/kit/errors";
import { uuidv7 } from "@souk/kit/ids";
import { ChannelLog } from "@souk/kit/realtime/channel-log";
import { ChannelSockets } from "@souk/kit/realtime/channel-sockets";
import { CLOSE } from "@souk/kit/realtime/close-codes";
import { EndedSessions } from "@souk/kit/realtime/ended-sessions";
import type { Peer } from "@souk/kit/realtime/peer";
import { type Publication, supersede } from "@souk/kit/realtime/supersede";
import { callTimeout } from "@souk/kit/resilience";
import { DurableObject } from "cloudflare:workers";
import { z } from "zod";
import { type Gone, roomChannel } from "../conversation/publish.ts";
import { answerOf } from "../conversation/outcome.ts";
import { Env } from "../env.ts";
import { ROOM_FRAMES, type ChatEvent, type RoomFrame } from "../realtime.ts";
import { Sender } from "./sender.ts";

/** With what a shard accepts a socket that has been authorised. */
export const RoomConnection = z.object({
  conversationId: z.uuid(),
  userId: z.uuid(),
  sessionId: z.uuid(),
  connectedAt: z.iso.datetime(),
  visibleFrom: z.int(),
});
export type RoomConnection = z.infer<typeof RoomConnection>;

const Placed = z.object({ message: z.object({ conversationId: z.uuid(), seq: z.int() }) });

/** A message from before somebody joined stays hidden from them: also when it is edited, and when they ask for what they missed. */
function placeOf(data: unknown) {
  const { data: told } = Placed.safeParse(data);
  if (told === undefined) return undefined;
  const { conversationId, seq } = told.message;
  return { place: seq, instead: { type: "hidden", conversationId, seq } satisfies ChatEvent };
}

/** Some of the open sockets of a conversation's room. The conversation publishes to each shard once, however many sockets it has. */
export class RoomShard extends DurableObject<object> {
  readonly #sockets: ChannelSockets;
  readonly #ended: EndedSessions;
  #id: string | undefined;
  readonly #sender = new Sender((batch) => this.#conversation().sendAll(batch));

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#ended = new EndedSessions(state.storage.sql);
    this.#sockets = new ChannelSockets(state, new ChannelLog(state.storage.sql), {
      mayRead: (channel) => channel === roomChannel(this.#conversationId()),
      place: placeOf,
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
    if (this.#ended.has(connection.sessionId)) return new Response(null, { status: 401 });
    const goneAt = this.ctx.storage.kv.get<string>(`gone:${connection.userId}`);
    if (goneAt !== undefined && connection.connectedAt < goneAt) return new Response(null, { status: 404 });
    if (this.#id !== conversationId) this.ctx.storage.kv.put("conversation", conversationId);
    this.#id = conversationId;
    return this.#sockets.connect(request.headers, connection, [roomChannel(conversationId)], realTime());
  }

  /**
   * Keeps and sends what happened, and keeps no more what that supersedes, after it has closed the sockets of who takes no part any more.
   * @returns how many are open
   */
  publish(publications: Publication[], gone: Gone[]): number {
    for (const { userId, at, isBack } of gone) {
      this.ctx.storage.kv.put(`gone:${userId}`, at);
      if (!isBack) this.#sockets.close({ userId }, CLOSE.notAllowed);
      else
        for (const peer of this.#sockets.peers())
          if (peer.connection.userId === userId && peer.connection.connectedAt < at)
            peer.close(CLOSE.notAllowed);
    }
    this.#sockets.publish(publications, realTime());
    supersede(this.ctx.storage.sql, this.#sockets.log, publications);
    return this.#sockets.size;
  }

  /** Closes the sockets of a session that has ended. */
  endSession(sessionId: string): void {
    this.#ended.end(sessionId, realTime());
    this.#sockets.close({ sessionId }, CLOSE.sessionEnded);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const received = this.#sockets.receive(socket, message, ROOM_FRAMES, realTime());
    if (received !== undefined) await this.#carryOut(received.frame, received.peer);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.closed(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.closed(socket, 1011);
  }

  async #carryOut(frame: RoomFrame, peer: Peer): Promise<void> {
    const id = "id" in frame ? { id: frame.id } : {};
    try {
      const data = await this.#ask(frame, peer);
      if ("id" in frame) peer.send({ type: "ack", id: frame.id, data });
    } catch (error) {
      const { code, detail, retryAfter } = appErrorOf(error) ?? {
        code: "unavailable",
        detail: "Send it again.",
        retryAfter: 1,
      };
      const wait = retryAfter === undefined ? {} : { retryAfter };
      peer.send({ type: "error", code, message: detail, ...id, ...wait });
    }
  }

  async #ask(frame: RoomFrame, { connection: { userId } }: Peer): Promise<unknown> {
    const conversation = this.#conversation();
    const now = new Date(realTime());
    const act = { userId, at: now.toISOString() };
    if (frame.type === "typing")
      return callTimeout.execute(async () => answerOf(await conversation.typing(act)));
    if (frame.type === "read")
      return callTimeout.execute(async () =>
        answerOf(await conversation.moveCursor(act, "read", frame.seq, uuidv7(now))),
      );
    const ids = { message: uuidv7(now), sent: uuidv7(now), shared: uuidv7(now) };
    return answerOf(await this.#sender.send({ act, input: frame.message, ids })).message;
  }

  #conversation() {
    return parseEnv(Env, this.env).CONVERSATION.getByName(this.#conversationId());
  }

  #conversationId(): string {
    this.#id ??= z.uuid().parse(this.ctx.storage.kv.get("conversation"));
    return this.#id;
  }
}
