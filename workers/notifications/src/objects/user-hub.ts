import { DurableObject } from "cloudflare:workers";
import { z } from "zod";
import {
  ClientFrame,
  Connection,
  type DeliveryFrame,
  type Notification,
  type ServerFrame,
  type Unread,
} from "../schemas.ts";

const MAX_SOCKETS = 20;
const MAX_FRAME_BYTES = 16 * 1024;
const REMEMBERED_PUSHES = 200;

/** Close codes; clients should not reconnect by themselves after 4008, nor after 4001 without a new log-in. */
const TOO_MANY_SOCKETS = { code: 4008, reason: "too_many_sockets" };
const SESSION_ENDED = { code: 4001, reason: "session_ended" };
const GONE = { code: 4010, reason: "account_gone" };
const TOO_LARGE = { code: 1009, reason: "frame_too_large" };

/** The gateway may let an ended session's access token pass until then: by a snapshot, or because no newer one can be had. */
const ENDED_MS = 2 * 60 * 60_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS ended (session_id TEXT PRIMARY KEY, until INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS tickets (hash TEXT PRIMARY KEY, session_id TEXT NOT NULL, expires_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS pushed (seq INTEGER PRIMARY KEY, notification_id TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS unread (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL, as_of TEXT NOT NULL);
`;

const Attachment = z.object({ sessionId: z.uuid(), connectedAt: z.iso.datetime() });

const send = (socket: WebSocket, frame: ServerFrame): void => socket.send(JSON.stringify(frame));

/** A closing handshake may not carry the codes that only say how a connection ended (RFC 6455, 7.4.1). */
const sendable = (code: number): number => (code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000);

/** One person's open sockets and tickets. Sockets hibernate; whatever matters is in SQLite or on the socket. */
export class UserHub extends DurableObject<object> {
  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair('{"type":"ping"}', '{"type":"pong"}'));
  }

  /** Keeps a ticket's hash until it expires (both times in milliseconds); expired ones go. */
  keepTicket(ticket: { hash: string; sessionId: string; now: number; expiresAt: number }): void {
    const sql = this.#storage();
    sql.exec("DELETE FROM tickets WHERE expires_at <= ?", ticket.now);
    sql.exec(
      "INSERT INTO tickets (hash, session_id, expires_at) VALUES (?, ?, ?)",
      ticket.hash,
      ticket.sessionId,
      ticket.expiresAt,
    );
  }

  /** Uses a ticket up. Returns the session it was made for; null when it is unknown, used or expired. */
  redeemTicket(hash: string, now: number): string | null {
    const { sql } = this.ctx.storage;
    // Anyone can name a hub in a ticket; one that keeps nothing must not come to keep tables.
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tickets'").toArray().length === 0) return null;
    const [ticket] = sql
      .exec<{ session_id: string; expires_at: number }>(
        "DELETE FROM tickets WHERE hash = ? RETURNING session_id, expires_at",
        hash,
      )
      .toArray();
    return ticket !== undefined && ticket.expires_at > now ? ticket.session_id : null;
  }

  /** Closes the sockets of a session; for two hours, longer than its access token lives, neither its tickets nor it opens more. */
  endSession(sessionId: string, now: number): void {
    const sql = this.#storage();
    sql.exec("DELETE FROM ended WHERE until <= ?", now);
    sql.exec("INSERT INTO ended VALUES (?, ?) ON CONFLICT DO NOTHING", sessionId, now + ENDED_MS);
    for (const socket of this.ctx.getWebSockets(sessionId))
      socket.close(SESSION_ENDED.code, SESSION_ENDED.reason);
  }

  /** Accepts a socket that `openSocket` has authorised, 401 when its session has ended; the oldest goes when there are too many. */
  override fetch(request: Request): Response {
    const connection = Connection.parse(JSON.parse(request.headers.get("x-connection") ?? "null"));
    if (this.#hasEnded(connection.sessionId)) return new Response(null, { status: 401 });
    this.#makeRoom();
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [connection.sessionId]);
    server.serializeAttachment({
      sessionId: connection.sessionId,
      connectedAt: connection.at,
    } satisfies z.infer<typeof Attachment>);
    send(server, { type: "hello", userId: connection.userId, at: connection.at });
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Sends a notification to all sockets, once. */
  deliver(notification: Notification, unread: Unread): void {
    // With nobody to send to there is nothing to remember: who connects later reads the list.
    if (this.#open().length === 0) return;
    const sql = this.#storage();
    const [pushed] = sql
      .exec<{ seq: number }>(
        "INSERT INTO pushed (notification_id) VALUES (?) ON CONFLICT DO NOTHING RETURNING seq",
        notification.id,
      )
      .toArray();
    if (pushed === undefined) return;
    sql.exec("DELETE FROM pushed WHERE seq <= ?", pushed.seq - REMEMBERED_PUSHES);
    this.#broadcast({ type: "notification", notification, unread: this.#newest(unread) });
  }

  /** Sends the unread count to all sockets, unless a later one is known. */
  count(unread: Unread): void {
    if (this.#open().length > 0) this.#broadcast({ type: "unread", unread: this.#newest(unread) });
  }

  /** Tells all sockets what became of the mail about a notification. */
  report(frame: DeliveryFrame): void {
    this.#broadcast(frame);
  }

  /** Closes every socket and keeps nothing any more: the person is erased. */
  async forget(): Promise<void> {
    for (const socket of this.#open()) socket.close(GONE.code, GONE.reason);
    await this.ctx.storage.deleteAll();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const size =
      typeof message === "string" ? new TextEncoder().encode(message).byteLength : message.byteLength;
    if (size > MAX_FRAME_BYTES) return socket.close(TOO_LARGE.code, TOO_LARGE.reason);
    const json = parseJson(message);
    if (json === undefined) {
      return send(socket, { type: "error", code: "malformed_frame", message: "Send JSON as text." });
    }
    if (!ClientFrame.safeParse(json).success) {
      return send(socket, { type: "error", code: "unknown_frame", message: "There is no such frame." });
    }
    send(socket, { type: "pong" });
  }

  /** The platform leaves it to us to answer a close. */
  override webSocketClose(socket: WebSocket, code: number): void {
    socket.close(sendable(code));
  }

  override webSocketError(socket: WebSocket): void {
    socket.close(1011);
  }

  #storage(): SqlStorage {
    this.ctx.storage.sql.exec(SCHEMA);
    return this.ctx.storage.sql;
  }

  /** Asked before any table is made: a hub that keeps nothing must not come to keep tables. */
  #hasEnded(sessionId: string): boolean {
    const { sql } = this.ctx.storage;
    return (
      sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'ended'").toArray().length > 0 &&
      sql.exec("SELECT 1 FROM ended WHERE session_id = ?", sessionId).toArray().length > 0
    );
  }

  #open(): WebSocket[] {
    return this.ctx.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
  }

  #makeRoom(): void {
    const byAge = this.#open()
      .map((socket) => ({ socket, ...Attachment.parse(socket.deserializeAttachment()) }))
      .toSorted((a, b) => a.connectedAt.localeCompare(b.connectedAt));
    for (const { socket } of byAge.slice(0, Math.max(0, byAge.length - MAX_SOCKETS + 1))) {
      socket.close(TOO_MANY_SOCKETS.code, TOO_MANY_SOCKETS.reason);
    }
  }

  /** Counts come in any order; this keeps the one that was true last and returns it. */
  #newest({ unread, asOf }: Unread): number {
    const sql = this.#storage();
    sql.exec(
      `INSERT INTO unread (id, count, as_of) VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET count = excluded.count, as_of = excluded.as_of WHERE excluded.as_of > unread.as_of`,
      unread,
      asOf,
    );
    return sql.exec<{ count: number }>("SELECT count FROM unread").one().count;
  }

  #broadcast(frame: ServerFrame): void {
    const text = JSON.stringify(frame);
    for (const socket of this.#open()) {
      try {
        socket.send(text);
      } catch {
        // It closed just now; the others still get the frame.
      }
    }
  }
}

function parseJson(message: string | ArrayBuffer): unknown {
  if (typeof message !== "string") return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
