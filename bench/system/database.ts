import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "@souk/db/operate/migrate";
import { asOwner } from "@souk/db/operate/owner";
import { setRolePasswords } from "@souk/db/operate/passwords";
import { SERVICES } from "@souk/db/roles";
import pg, { type Client } from "pg";
import { z } from "zod";
import { startNeon, type Neon } from "../../local/neon.ts";
import { startPostgres } from "../../local/postgres.ts";
import { SCRATCH } from "./scratch.ts";

/** Commits are flushed to disk, as they are in production. */
const FLAGS = [
  // Ten million alerts too: of a market that lives, what a tick reads is in memory.
  "shared_buffers=8GB",
  "max_wal_size=8GB",
  "maintenance_work_mem=512MB",
  "max_connections=200",
  "track_commit_timestamp=on",
  "log_line_prefix=%d ",
  "log_parameter_max_length=0",
].flatMap((setting) => ["-c", setting]);

/** A copied database is cold; one that serves a tick every five minutes is not. */
const PREWARM = `CREATE EXTENSION IF NOT EXISTS pg_prewarm;
  SELECT pg_prewarm(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('alerts', 'events') AND c.relkind IN ('r', 'i')`;

export interface Databases {
  neon: Neon;
  /** What the server has logged so far. */
  logFile: string;
  /** Connection string of a database, by default for its owner. */
  url: (database: string, role?: string, password?: string) => string;
  /** Makes a database anew: a copy of a seeded one, which is kept for the next run. `seed` fills the migrated tables. */
  fresh: (database: string, seedName?: string, seed?: (client: Client) => Promise<void>) => Promise<void>;
  /** A connection of the owner's, for the caller to end. */
  connect: (database: string) => Promise<Client>;
  drop: (database: string) => Promise<void>;
  stop: () => Promise<void>;
}

/** Changes when the schema does, so that a kept seed is never of an older one. */
function schemaVersion(): string {
  const folder = join(import.meta.dirname, "../../packages/db/migrations");
  const hash = createHash("sha256");
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()) {
    hash.update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex").slice(0, 12);
}

/** A PostgreSQL of the benchmark's own, with the Neon stand-in before it. Every role's password is its service's name. */
export async function startDatabases(): Promise<Databases> {
  mkdirSync(SCRATCH, { recursive: true });
  const dir = join(SCRATCH, "postgres");
  const postgres = await startPostgres({ dir, flags: FLAGS });
  const neon = await startNeon({ pgPort: postgres.port });
  const version = schemaVersion();
  const onServer = (statement: string) =>
    asOwner(postgres.url("postgres"), (client) => client.query(statement));
  const exists = async (database: string) =>
    (await onServer(`SELECT FROM pg_database WHERE datname = '${database}'`)).rowCount === 1;

  const stale = await onServer(
    `SELECT datname FROM pg_database WHERE datname LIKE 'seed\\_%' AND datname NOT LIKE '%\\_${version}'`,
  );
  for (const { datname } of z.array(z.object({ datname: z.string() })).parse(stale.rows)) {
    await onServer(`DROP DATABASE "${datname}" WITH (FORCE)`);
  }

  /** Made under another name first: a run that is cut off leaves no half-filled seed behind. */
  async function seeded(name: string, seed: (client: Client) => Promise<void>): Promise<string> {
    const kept = `seed_${name}_${version}`;
    if (await exists(kept)) return kept;
    await onServer(`DROP DATABASE IF EXISTS ${kept}_new WITH (FORCE)`);
    await onServer(`CREATE DATABASE ${kept}_new TEMPLATE template0`);
    await migrate(postgres.url(`${kept}_new`));
    await asOwner(postgres.url(`${kept}_new`), async (client) => {
      await seed(client);
      await client.query("VACUUM (ANALYZE)");
    });
    await onServer(`ALTER DATABASE ${kept}_new RENAME TO ${kept}`);
    return kept;
  }

  const drop = async (database: string) =>
    void (await onServer(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`));
  return {
    neon,
    logFile: `${dir}.log`,
    url: (database, role, password) => postgres.url(database, role, password),
    fresh: async (database, seedName = "empty", seed = async () => {}) => {
      const template = await seeded(seedName, seed);
      await drop(database);
      await onServer(`CREATE DATABASE ${database} TEMPLATE ${template} STRATEGY FILE_COPY`);
      await setRolePasswords(
        postgres.url(database),
        Object.fromEntries(SERVICES.map((service) => [service, service])),
      );
      await asOwner(postgres.url(database), (client) => client.query(PREWARM));
    },
    connect: async (database) => {
      const client = new pg.Client({ connectionString: postgres.url(database) });
      await client.connect();
      return client;
    },
    drop,
    stop: async () => {
      await neon.close();
      await postgres.stop();
    },
  };
}
