import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "@souk/db/operate/migrate";
import { setRolePasswords } from "@souk/db/operate/passwords";
import { startBreachedPasswords } from "./breached/server.ts";
import { type CronRun, fireCron } from "./cron/fire.ts";
import { workerEnvironment } from "./environment.ts";
import { freePort } from "./free-port.ts";
import { startMail } from "./mail/server.ts";
import { startNeon } from "./neon.ts";
import { startPostgres } from "./postgres.ts";
import { type Prices, startPrices } from "./prices/server.ts";
import { localSecrets } from "./secrets.ts";
import { StartError } from "./start-error.ts";
import { errorCode } from "./error-code.ts";
import { readWorkerConfigs, type WorkerConfig } from "./worker-configs.ts";
import { startWrangler } from "./wrangler.ts";

/** Ports on 127.0.0.1. */
export interface PlatformPorts {
  api: number;
  inbox: number;
  smtp: number;
  prices: number;
  postgres: number;
  neon: number;
}

export interface PlatformOptions {
  /** Folder of all data, state and logs. */
  dir: string;
  /** A free port for each that is not given. */
  ports?: Partial<PlatformPorts>;
  /** Where a fresh price replay begins, "2008-01". */
  startMonth?: string;
  /** Told each part that has come up and how long it took. */
  onProgress?: (part: string, ms: number) => void;
  /** Gives up the start. */
  signal?: AbortSignal;
}

export interface Platform {
  apiUrl: string;
  inboxUrl: string;
  prices: Prices;
  /** Connection string of the database for its owner. */
  databaseUrl: string;
  workers: readonly WorkerConfig[];
  fire: (run: CronRun) => Promise<void>;
  /** Settles with the name of the first part that ends by itself. */
  broken: Promise<string>;
  /** Ends every part, within 5 s. */
  stop: () => Promise<void>;
}

const DATABASE = "souk";

/**
 * Starts Souk on this machine, each part after those it depends on: PostgreSQL, its schema, the Neon endpoint, mail, prices, all Workers.
 * @throws StartError when a part cannot start; all that had started is ended first
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { dir, ports = {}, signal } = options;
  await using starting = new AsyncDisposableStack();
  const part = async <T>(
    name: string,
    start: () => Promise<T>,
    stop?: (started: T) => Promise<void>,
  ): Promise<T> => {
    signal?.throwIfAborted();
    const begun = performance.now();
    const started = await start();
    if (stop) starting.adopt(started, stop);
    options.onProgress?.(name, performance.now() - begun);
    return started;
  };
  makeFolder(dir);
  const secrets = await localSecrets(dir);
  const postgres = await part(
    "PostgreSQL 17",
    () => startPostgres({ dir: join(dir, "postgres"), port: ports.postgres }),
    (server) => server.stop(),
  );
  const databaseUrl = postgres.url(DATABASE);
  await part("Database schema", async () => {
    await postgres.createDatabase(DATABASE);
    await migrate(databaseUrl);
    await setRolePasswords(databaseUrl, secrets.databasePasswords);
  });
  const neon = await part(
    "Neon endpoint",
    () => startNeon({ pgPort: postgres.port, port: ports.neon }),
    (endpoint) => endpoint.close(),
  );
  const mail = await part(
    "Mail server",
    () => startMail({ dir: join(dir, "mail"), smtpPort: ports.smtp, inboxPort: ports.inbox }),
    (server) => server.close(),
  );
  const prices = await part(
    "Price source",
    () =>
      startPrices({
        dir: join(dir, "prices"),
        keys: secrets.priceKeys,
        port: ports.prices,
        startMonth: options.startMonth,
      }),
    (source) => source.close(),
  );
  const breached = await part("List of breached passwords", startBreachedPasswords, (list) => list.close());
  const workers = readWorkerConfigs(join(import.meta.dirname, ".."));
  const port = ports.api ?? (await freePort());
  const environments = workerEnvironment(
    {
      neonUrl: neon.url,
      smtpPort: mail.smtpPort,
      pricesUrl: prices.url,
      breachedUrl: breached.url,
      publicUrl: `http://127.0.0.1:${port}`,
      databaseUrl: (role, password) => postgres.url(DATABASE, role, password),
    },
    secrets,
  );
  const wrangler = await part(
    `${workers.length} Workers`,
    () => startWrangler({ workers, environments, dir, port, signal }),
    (child) => child.stop(),
  );
  const running = starting.move();
  return {
    apiUrl: wrangler.url,
    inboxUrl: mail.url,
    prices,
    databaseUrl,
    workers,
    fire: (run) => fireCron(wrangler.url, run),
    broken: Promise.race([postgres.ended.then(() => "PostgreSQL"), wrangler.ended.then(() => "wrangler")]),
    stop: () => running.disposeAsync(),
  };
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new StartError(
      `The folder ${dir} cannot be made (${errorCode(error)}). Make its parent writable for this user, then start again.`,
    );
  }
}
