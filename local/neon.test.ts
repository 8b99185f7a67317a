import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { neon as neonQuery, neonConfig, Pool } from "@neondatabase/serverless";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Neon, startNeon } from "./neon.ts";
import { carelessFlags, type Postgres, startPostgres } from "./postgres.ts";

const dir = join(import.meta.dirname, `../.local/neon-test-${process.pid}`);
let postgres: Postgres;
let neon: Neon;
let url: string;

beforeAll(async () => {
  mkdirSync(dir, { recursive: true });
  postgres = await startPostgres({ dir: join(dir, "postgres"), flags: carelessFlags });
  neon = await startNeon({ pgPort: postgres.port });
  url = postgres.url("postgres");
  neonConfig.fetchEndpoint = `${neon.url}/sql`;
  neonConfig.wsProxy = `${new URL(neon.url).host}/v2`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineTLS = false;
  neonConfig.pipelineConnect = false;
  neonConfig.webSocketConstructor = WebSocket;
});
afterAll(async () => {
  await neon.close();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(() => {
  neon.setAway(false);
  neon.resetRoundTrips();
});

describe("Neon's own driver over HTTP", () => {
  it("gets typed rows", async () => {
    const sql = neonQuery(url);
    expect(
      await sql`select ${7}::int as number, true as yes, null as nothing, '{"a":1}'::jsonb as document`,
    ).toEqual([{ number: 7, yes: true, nothing: null, document: { a: 1 } }]);
    expect(
      await sql.query("select $1::text as a", ["b"], { arrayMode: true, fullResults: true }),
    ).toMatchObject({ rows: [["b"]], rowCount: 1 });
  });

  it("runs a batch in one transaction and one round trip", async () => {
    const sql = neonQuery(url);
    const table = `batch_${process.pid}_${performance.now().toFixed(0)}`;
    await sql.query(`create table ${table} (id int primary key)`);
    neon.resetRoundTrips();
    const insert = (id: number) => sql.query(`insert into ${table} values ($1)`, [id]);
    await expect(sql.transaction([insert(1), insert(2), insert(1)])).rejects.toMatchObject({
      code: "23505",
      constraint: `${table}_pkey`,
    });
    expect(neon.roundTrips()).toEqual({ total: 1, byRole: { postgres: 1 } });
    expect(await sql.query(`select count(*)::int as count from ${table}`)).toEqual([{ count: 0 }]);
    expect(
      await sql.transaction([sql`show transaction_isolation`, sql`show transaction_read_only`], {
        isolationLevel: "Serializable",
        readOnly: true,
      }),
    ).toEqual([[{ transaction_isolation: "serializable" }], [{ transaction_read_only: "on" }]]);
    expect(await sql.transaction([])).toEqual([]);
  });

  it("is refused with the role's own password, by SQLSTATE", async () => {
    await expect(neonQuery(postgres.url("postgres", "postgres", "wrong"))`select 1`).rejects.toMatchObject({
      code: "28P01",
    });
    await expect(neonQuery(url)`select 1 / 0`).rejects.toMatchObject({ code: "22012" });
  });

  it("serves many callers at once, some of them failing", async () => {
    const sql = neonQuery(url);
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => sql`select 1 / (${n}::int % 2) as one, ${n}::int as n`),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      Array.from({ length: 40 }, (_, n) => (n % 2 ? "fulfilled" : "rejected")),
    );
  });
});

describe("Neon's own driver over WebSocket", () => {
  it("reads and then decides in one transaction, and its turns are counted", async () => {
    const pool = new Pool({ connectionString: url, max: 1 });
    const client = await pool.connect();
    neon.resetRoundTrips();
    await client.query("begin");
    const { rows } = await client.query("select $1::int as number", [5]);
    await client.query("rollback");
    client.release();
    expect(rows).toEqual([{ number: 5 }]);
    await pool.end();
    expect(neon.roundTrips()).toEqual({ total: 3, byRole: { postgres: 3 } });
  });

  it("counts what is sent without waiting for an answer as one turn", async () => {
    const socket = new WebSocket(`${neon.url.replace("http", "ws")}/v2`);
    await once(socket, "open");
    const parameters = Buffer.from("user\0counted\0database\0postgres\0\0");
    const head = Buffer.alloc(8);
    head.writeInt32BE(head.length + parameters.length, 0);
    head.writeInt32BE(196_608, 4);
    socket.send(Buffer.concat([head, parameters]));
    socket.send(Buffer.from("nonsense"));
    await once(socket, "close");
    expect(neon.roundTrips()).toEqual({ total: 2, byRole: { counted: 2 } });
  });

  it("carries a large answer whole", async () => {
    const pool = new Pool({ connectionString: url, max: 1 });
    const { rows } = await pool.query("select repeat('ü', 3000000) as text");
    expect(rows[0].text).toHaveLength(3_000_000);
    await pool.end();
  });
});

it("an away endpoint cuts open connections and refuses new ones, then serves again", async () => {
  const pool = new Pool({ connectionString: url, max: 1 });
  const client = await pool.connect();
  const cut = new Promise((resolve) => client.once("error", resolve));
  neon.setAway(true);
  await cut;
  client.release(true);
  await expect(neonQuery(url)`select 1`).rejects.toThrow(/fetch failed/);
  neon.setAway(false);
  expect(await neonQuery(url)`select 1 as one`).toEqual([{ one: 1 }]);
  await pool.end();
});

const good = { "neon-connection-string": "postgres://postgres:postgres@localhost/postgres" };
const single = JSON.stringify({ query: "select 1 as one", params: [] });
it.each([
  ["a broken body", "POST", "/sql", good, "{", 400],
  ["a body of another shape", "POST", "/sql", good, "[1]", 400],
  ["no connection string", "POST", "/sql", {}, single, 400],
  [
    "a connection string that is none",
    "POST",
    "/sql",
    { "neon-connection-string": "mysql://x" },
    single,
    400,
  ],
  [
    "a wrongly encoded role",
    "POST",
    "/sql",
    { "neon-connection-string": "postgres://%ff:x@h/d" },
    single,
    400,
  ],
  [
    "an unknown isolation level",
    "POST",
    "/sql",
    { ...good, "neon-batch-isolation-level": "Chaos; DROP" },
    '{"queries":[]}',
    400,
  ],
  ["another path", "POST", "/other", good, single, 404],
  ["another method", "GET", "/sql", good, undefined, 404],
])("%s is answered in JSON and harms nothing", async (_, method, path, headers, body, status) => {
  const response = await fetch(neon.url + path, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : { body }),
  });
  expect([response.status, await response.json()]).toEqual([status, { message: expect.any(String) }]);
  const next = await fetch(`${neon.url}/sql`, { method: "POST", headers: good, body: single });
  expect(await next.json()).toMatchObject({ rows: [{ one: 1 }], rowAsArray: false });
});
