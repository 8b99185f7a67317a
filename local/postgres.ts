import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { resolve as absolute } from "node:path";
import { freePort } from "./free-port.ts";
import { type ChildRecord, recordOwner, stopOrphan } from "./orphan.ts";
import { type Account, accountFor, requireReachable } from "./postgres/account.ts";
import { findBinaries } from "./postgres/binaries.ts";
import { createDatabase } from "./postgres/database.ts";
import { createCluster, isCluster, SUPERUSER, SUPERUSER_PASSWORD } from "./postgres/cluster.ts";
import { StartError } from "./start-error.ts";
import { refuseTakenPort } from "./taken-port.ts";

export interface PostgresOptions {
  /** The data folder. Made when it does not exist; kept at the end. Its log is beside it, `<dir>.log`. */
  dir: string;
  /** Port on 127.0.0.1; a free one when not given. */
  port?: number | undefined;
  /** More flags of the `postgres` program. */
  flags?: readonly string[];
}

export interface Postgres {
  port: number;
  /** Connection string of a database, by default for the superuser. */
  url(database: string, user?: string, password?: string): string;
  /** Creates a database unless it is there. */
  createDatabase(name: string): Promise<void>;
  /** Settles when the server has ended, for whatever reason. */
  ended: Promise<void>;
  /** Ends the server; the data stays. */
  stop(): Promise<void>;
}

/** Flags for tests: nothing is kept, so nothing is flushed to disk. */
export const carelessFlags: readonly string[] = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "max_connections=200",
  "shared_buffers=64MB",
].flatMap((setting) => ["-c", setting]);

// Long enough to recover a large database after a crash.
const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 1_500;

/**
 * Starts a PostgreSQL 17 server on 127.0.0.1, as root or as an ordinary user, and waits until it accepts connections.
 * A server that a killed run left behind in the same folder is stopped first; nothing else is touched.
 * @throws StartError with one line that says what to do: broken folder, missing program, taken port, folder in use or not enterable
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const dir = absolute(options.dir);
  const binaries = await findBinaries();
  const account = accountFor(dir);
  if (account) for (const path of [dir, binaries.postgres]) requireReachable(path, account);
  const record: ChildRecord = {
    pidFile: `${dir}/postmaster.pid`,
    ownerFile: `${dir}.owner`,
    mark: ` -D ${dir} `,
    what: `The database folder ${dir}`,
  };
  if (isCluster(dir)) await stopOrphan(record, (pid) => process.kill(pid, "SIGINT"));
  else await createCluster(dir, binaries.initdb, account);
  const port = options.port ?? (await freePort());
  await refuseTakenPort(port, "PostgreSQL", "SOUK_PORT_POSTGRES");
  recordOwner(record);
  const server = await launch(binaries.postgres, dir, port, options.flags ?? [], account);
  const url = (database: string, user = SUPERUSER, password = SUPERUSER_PASSWORD): string =>
    `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  return {
    port,
    url,
    createDatabase: (name) => createDatabase(url("postgres"), name),
    ended: server.ended,
    stop: async () => {
      server.child.kill("SIGINT");
      // Immediate: the next start recovers from the log.
      const hard = setTimeout(() => server.child.kill("SIGQUIT"), STOP_WITHIN_MS);
      await server.ended.finally(() => clearTimeout(hard));
    },
  };
}

async function launch(
  program: string,
  dir: string,
  port: number,
  flags: readonly string[],
  account: Account | undefined,
) {
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "lc_messages=C"].flatMap(
    (setting) => ["-c", setting],
  );
  const child = spawn(program, ["-D", dir, "-p", String(port), ...settings, ...flags], {
    ...account,
    stdio: ["ignore", "ignore", "pipe"],
    env: {},
  });
  // A person's Ctrl-C or a plain exit must not leave a server behind; a kill -9 does, and the next start takes over.
  const endWithUs = (): void => void child.kill("SIGINT");
  process.once("exit", endWithUs);
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => resolve()).once("error", () => resolve()),
  );
  void ended.then(() => process.off("exit", endWithUs));
  await ready(child, ended, dir);
  return { child, ended };
}

async function ready(child: ChildProcess, ended: Promise<void>, dir: string): Promise<void> {
  const log = createWriteStream(`${dir}.log`, { mode: 0o600 });
  let seen = "";
  const accepting = new Promise<void>((resolve) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      log.write(chunk);
      seen = (seen + chunk.toString()).slice(-8000);
      if (seen.includes("database system is ready to accept connections")) resolve();
    });
  });
  void ended.then(() => log.end());
  const early = ended.then(() => {
    const reason = seen
      .split("\n")
      .findLast((line) => /FATAL|PANIC|error/.test(line))
      ?.replace(/^.*?(FATAL|PANIC):\s*/, "");
    throw new StartError(
      `PostgreSQL did not start: ${reason ?? "no reason given"}. If the data folder ${dir} is broken, delete it (its data is lost); the log is ${dir}.log.`,
    );
  });
  // After a good start `early` still rejects at the end; nobody waits for it then.
  early.catch(() => {});
  const tooLong = setTimeout(() => child.kill("SIGKILL"), READY_WITHIN_MS);
  await Promise.race([accepting, early]).finally(() => clearTimeout(tooLong));
}
