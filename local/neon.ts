import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import pg from "pg";
import { WebSocketServer } from "ws";
import { freePort } from "./free-port.ts";
import { bridge } from "./neon/bridge.ts";
import { type RoundTrips, RoundTripCounter } from "./neon/round-trips.ts";
import { SqlRunner } from "./neon/run-sql.ts";
import { BadSqlRequest, readSqlRequest, type SqlRequest } from "./neon/sql-request.ts";
import { portError } from "./taken-port.ts";

export interface NeonOptions {
  /** Port of the Postgres on 127.0.0.1. */
  pgPort: number;
  /** Port on 127.0.0.1; a free one when not given. */
  port?: number | undefined;
  /** Told of the statements of each HTTP request, with `$n` for their values. */
  watch?: (role: string, statements: string[]) => void;
}

export interface Neon {
  url: string;
  /** Round trips since the start or the last reset. */
  roundTrips(): RoundTrips;
  resetRoundTrips(): void;
  /** While away, every connection is cut at once: a database that cannot be reached. */
  setAway(away: boolean): void;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Speaks Neon's HTTP (`POST /sql`) and WebSocket (`/v2`) protocols in front of a Postgres on this machine.
 * Role, password and database are those of the caller's connection string; its host is ignored.
 * @throws StartError when the port is taken
 */
export async function startNeon(options: NeonOptions): Promise<Neon> {
  const port = options.port ?? (await freePort());
  const counter = new RoundTripCounter();
  const runner = new SqlRunner(options.pgPort);
  const sockets = new Set<Socket>();
  let away = false;

  const told = (sql: SqlRequest): void => {
    counter.add(sql.role);
    options.watch?.(
      sql.role,
      sql.queries.map(({ query }) => query),
    );
  };
  const server = createServer((request, response) => void answer(request, response, runner, told));
  // Neon keeps idle connections; Node would close them after 5 s, under a caller that is just about to use one.
  server.keepAliveTimeout = 0;
  server.on("connection", (socket) => {
    if (away) return socket.destroy();
    sockets.add(socket.once("close", () => sockets.delete(socket)));
  });
  const webSockets = new WebSocketServer({ server, path: "/v2" });
  webSockets.on("connection", (socket) => bridge(socket, options.pgPort, counter));
  // `ws` repeats the server's errors; `listen` below reports them.
  webSockets.on("error", () => {});

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(portError(error, port, "the Neon endpoint", "SOUK_PORT_NEON")));
    server.listen(port, "127.0.0.1", resolve);
  });
  const cutAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${port}`,
    roundTrips: () => counter.counted(),
    resetRoundTrips: () => counter.reset(),
    setAway: (isAway) => {
      away = isAway;
      if (away) cutAll();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cutAll();
      await closed;
      await runner.close();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  runner: SqlRunner,
  told: (sql: SqlRequest) => void,
) {
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  try {
    if (request.method !== "POST" || request.url !== "/sql")
      return send(404, { message: "Only POST /sql is here" });
    const sql = readSqlRequest(request.headers, await readBody(request));
    told(sql);
    send(200, await runner.run(sql));
  } catch (error) {
    if (error instanceof BadSqlRequest) send(400, { message: error.message });
    else if (error instanceof pg.DatabaseError) send(400, errorBody(error));
    else send(500, { message: error instanceof Error ? error.message : "The database cannot be reached" });
  }
}

/** What Neon tells of a refusal; `code` is the SQLSTATE. */
function errorBody({
  message,
  code,
  severity,
  detail,
  hint,
  position,
  schema,
  table,
  column,
  constraint,
  where,
}: pg.DatabaseError) {
  return { message, code, severity, detail, hint, position, schema, table, column, constraint, where };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Buffer)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new BadSqlRequest(`The body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
