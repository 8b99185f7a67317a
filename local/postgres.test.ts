import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "./free-port.ts";
import { requireReachable } from "./postgres/account.ts";
import { requireBinaries } from "./postgres/binaries.ts";
import { carelessFlags, type Postgres, startPostgres } from "./postgres.ts";
import { runningProcess } from "./process-table.ts";
import { StartError } from "./start-error.ts";

mkdirSync(".local", { recursive: true });
const folder = mkdtempSync(join(import.meta.dirname, "../.local/postgres-test-"));
// mkdtemp lets nobody else in, and as root Postgres runs as somebody else.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** What a person would read when Postgres cannot start. */
async function refusal(options: Parameters<typeof startPostgres>[0]): Promise<string> {
  const error: unknown = await startPostgres(options).then(
    (server) => server.stop(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  const message = error instanceof Error ? error.message : "";
  expect(message).not.toContain("\n");
  return message;
}

describe("a running server", () => {
  const dir = join(folder, "running");
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres({ dir, flags: carelessFlags });
  });
  afterAll(() => server.stop());

  it("is version 17 and treats non-ASCII letters right", async () => {
    const [row] = await query(
      server.url("postgres"),
      "select current_setting('server_version_num')::int / 10000 as version, lower('ÜÇŞ') as lower, 'Ü' ilike 'ü' as ilike",
    );
    expect(row).toEqual({ version: 17, lower: "üçş", ilike: true });
  });

  it("creates a database once, whatever its name", async () => {
    await server.createDatabase('odd "name');
    await server.createDatabase('odd "name');
    expect(
      await query(server.url(encodeURIComponent('odd "name')), "select current_database() as name"),
    ).toEqual([{ name: 'odd "name' }]);
  });

  it("refuses a wrong password", async () => {
    await expect(query(server.url("postgres", "postgres", "wrong"), "select 1")).rejects.toMatchObject({
      code: "28P01",
    });
  });

  it("is not taken over while its starter lives", async () => {
    expect(await refusal({ dir, flags: carelessFlags })).toContain(`in use by process ${process.pid}`);
    expect(await query(server.url("postgres"), "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

describe("the data folder", () => {
  it("keeps its data over a stop and over a killed starter, whose orphan is taken over", async () => {
    const dir = join(folder, "kept");
    const first = await startPostgres({ dir });
    await query(first.url("postgres"), "create table kept (id int); insert into kept values (1)");
    await first.stop();

    const starter = startElsewhere(dir);
    const [orphan] = await Promise.race([
      once(starter, "message"),
      once(starter, "exit").then(() => expect.fail("the starter ended")),
    ]);
    starter.kill("SIGKILL");
    await once(starter, "exit");
    expect(runningProcess(Number(orphan))).toBeDefined();

    const second = await startPostgres({ dir, flags: carelessFlags });
    expect(runningProcess(Number(orphan))).toBeUndefined();
    expect(await query(second.url("postgres"), "select id from kept")).toEqual([{ id: 1 }]);
    await second.stop();
  });

  it("with a stale pid file of another live process starts and leaves that process alone", async () => {
    const dir = join(folder, "kept");
    writeFileSync(join(dir, "postmaster.pid"), `${process.ppid}\n`);
    const server = await startPostgres({ dir, flags: carelessFlags });
    expect(runningProcess(process.ppid)).toBeDefined();
    await server.stop();
  });

  it("that is broken gives one clear line", async () => {
    const strange = join(folder, "strange");
    mkdirSync(strange);
    writeFileSync(join(strange, "notes.txt"), "mine");
    expect(await refusal({ dir: strange })).toMatch(/no PG_VERSION.*Delete it/);
    expect(readFileSync(join(strange, "notes.txt"), "utf8")).toBe("mine");

    const old = join(folder, "old");
    mkdirSync(old);
    writeFileSync(join(old, "PG_VERSION"), "16\n");
    expect(await refusal({ dir: old })).toContain("PostgreSQL 16");

    const broken = join(folder, "kept");
    writeFileSync(join(broken, "global/pg_control"), "garbage");
    expect(await refusal({ dir: broken })).toMatch(/pg_control.*delete it/);

    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(await refusal({ dir: file })).toContain("a folder is needed");
  });
});

it("a taken port gives one clear line", async () => {
  const port = await freePort();
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  expect(await refusal({ dir: join(folder, "taken"), port })).toMatch(
    new RegExp(`Port ${port} for PostgreSQL is taken.*SOUK_PORT_POSTGRES`),
  );
  other.close();
});

it("a missing program gives one clear line", () => {
  expect(() => requireBinaries({ initdb: process.execPath, postgres: "/nowhere/postgres" })).toThrow(
    /nowhere.postgres is missing. Run `npm ci`/,
  );
});

it("a folder that the account cannot enter is named", () => {
  const closed = join(folder, "closed");
  mkdirSync(join(closed, "inner"), { recursive: true, mode: 0o700 });
  const stranger = { uid: 54321, gid: 54321 };
  expect(() => requireReachable(join(closed, "inner", "data"), stranger)).toThrow(
    /cannot enter .*closed\. .*chmod o\+x/,
  );
});

/** A process of its own that starts the server and tells the id of the postmaster. */
function startElsewhere(dir: string): ChildProcess {
  const script = `
    const { startPostgres, carelessFlags } = await import(${JSON.stringify(join(import.meta.dirname, "postgres.ts"))});
    const { pidInFile } = await import(${JSON.stringify(join(import.meta.dirname, "process-table.ts"))});
    await startPostgres({ dir: ${JSON.stringify(dir)}, flags: carelessFlags });
    process.send(pidInFile(${JSON.stringify(join(dir, "postmaster.pid"))}));`;
  return spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}
