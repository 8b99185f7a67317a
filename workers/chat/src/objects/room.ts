import { realTime } from "@souk/kit/clock";
import { appErrorOf } from "@souk/kit/errors";
import { uuidv7 } from "@souk/kit/ids";
import { ChannelLog } from "@souk/kit/realtime/channel-log";
import { ChannelSockets } from "@souk/kit/realtime/channel-sockets";
import { CLOSE } from "@souk/kit/realtime/close-codes";
import { EndedSessions } from "@souk/kit/realtime/ended-sessions";
import type { Publication } from "@souk/kit/realtime/frames";
import type { Connection, Peer } from "@souk/kit/realtime/peer";
import { z } from "zod";
import { answerOf, type Outcome } from "../conversation/outcome.ts";
import { type Gone, roomChannel } from "../conversation/publish.ts";
import type { Act } from "../conversation/store.ts";
import { ROOM_LINGER_MS } from "../limits.ts";
import { ROOM_FRAMES, type ChatEvent, type RoomFrame } from "../realtime.ts";
import type { Receipt } from "../schemas/message.ts";
import { Sender, type Sending, type SendOutcome } from "./sender.ts";

/** What a room has its conversation do. */
export interface Doing {
  typing: (act: Act) => Promise<Outcome<void>>;
  read: (act: Act, seq: number, eventId: string) => Promise<Outcome<Receipt>>;
  /** One outcome for each, in their order, once all are durable. */
  sendAll: (batch: Sending[]) => Promise<SendOutcome[]>;
}

const Placed = z.object({ message: z.object({ conversationId: z.uuid(), seq: z.int() }) });

/** A message from before somebody joined stays hidden from them: also when it is edited, and when they ask for what they missed. */
function placeOf(data: unknown) {
  const { data: told } = Placed.safeParse(data);
  if (told === undefined) return undefined;
  const { conversationId, seq } = told.message;
  return { place: seq, instead: { type: "hidden", conversationId, seq } satisfies ChatEvent };
}

/** When the room was first found empty, in milliseconds since 1970. */
const EMPTY_AT = "room.emptyAt";

/** The open sockets of a conversation's room that one object holds, what they missed, and what they ask. */
export class Room {
  readonly #kv: SyncKvStorage;
  readonly #sockets: ChannelSockets;
  readonly #ended: EndedSessions;
  readonly #conversationId: () => string;
  readonly #doing: Doing;
  readonly #sender: Sender;

  /** To be made in the object's constructor. */
  constructor(state: DurableObjectState, conversationId: () => string, doing: Doing) {
    const { sql, kv } = state.storage;
    this.#kv = kv;
    this.#conversationId = conversationId;
    this.#doing = doing;
    this.#sender = new Sender(doing.sendAll);
    this.#ended = new EndedSessions(sql);
    this.#sockets = new ChannelSockets(state, new ChannelLog(sql), {
      mayRead: (channel) => channel === this.#channel(),
      place: placeOf,
    });
  }

  /** Accepts what a request asks for, a WebSocket or a stream of server-sent events; 401 when its session has ended. */
  connect(asked: Headers, connection: Connection): Response {
    if (this.#ended.has(connection.sessionId)) return new Response(null, { status: 401 });
    this.#kv.delete(EMPTY_AT);
    return this.#sockets.connect(asked, connection, [this.#channel()], realTime());
  }

  /**
   * Keeps and sends what happened, after it has closed the sockets of who takes no part any more.
   * @returns whether it has ended, being empty for long: it need be told of nothing more until somebody enters, and who comes back hears
   * that it cannot say what they missed
   */
  publish(publications: Publication[], gone: Gone[]): boolean {
    for (const { userId, at, isBack } of gone)
      this.#sockets.close({ userId, ...(isBack && { before: at }) }, CLOSE.notAllowed);
    const now = realTime();
    this.#sockets.publish(publications, now);
    if (this.#sockets.size > 0) return false;
    const emptyAt = this.#kv.get<number>(EMPTY_AT);
    if (emptyAt === undefined) this.#kv.put(EMPTY_AT, now);
    if (emptyAt === undefined || now - emptyAt < ROOM_LINGER_MS) return false;
    this.#sockets.log.end();
    return true;
  }

  /** Closes the sockets of a session that has ended. */
  endSession(sessionId: string): void {
    this.#ended.end(sessionId, realTime());
    this.#sockets.close({ sessionId }, CLOSE.sessionEnded);
  }

  async receive(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const received = this.#sockets.receive(socket, message, ROOM_FRAMES, realTime());
    if (received !== undefined) await this.#carryOut(received.frame, received.peer);
  }

  closed(socket: WebSocket, code: number): void {
    this.#sockets.closed(socket, code);
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
    const now = new Date(realTime());
    const act = { userId, at: now.toISOString() };
    if (frame.type === "typing") return answerOf(await this.#doing.typing(act));
    if (frame.type === "read") return answerOf(await this.#doing.read(act, frame.seq, uuidv7(now)));
    const ids = { message: uuidv7(now), sent: uuidv7(now), shared: uuidv7(now) };
    return answerOf(await this.#sender.send({ act, input: frame.message, ids })).message;
  }

  #channel(): string {
    return roomChannel(this.#conversationId());
  }
}
