import { join } from "node:path";
import { inject } from "vitest";
import { createTestHarness } from "wrangler";
import { workerEnvironment } from "../local/environment.ts";
import { startMail, type Mail } from "../local/mail/server.ts";
import { startNeon, type Neon } from "../local/neon.ts";
import { startPrices, type Prices } from "../local/prices/server.ts";
import { localSecrets, type LocalSecrets } from "../local/secrets.ts";
import { startCollector, type Collector } from "./collector.ts";
import { freshDatabase } from "./fresh-database.ts";
import { startProxy } from "./proxy.ts";
import { WORKERS } from "./workers.ts";

/** The whole system from the real configurations, with the local stand-ins for mail and prices, on a database of its own. */
export interface TestPlatform {
  /** The gateway's address. */
  url: string;
  /** Prism before the gateway, which holds each answer against the API's document. */
  proxy: string;
  /** The keys that the Workers were given. */
  secrets: LocalSecrets;
  harness: ReturnType<typeof createTestHarness>;
  mail: Mail;
  prices: Prices;
  /** The way to the database, which can be cut. */
  neon: Neon;
  /** What the Workers have asked the database, each statement once, with `$n` for each value. */
  statements: ReadonlyMap<string, { role: string; query: string }>;
  /** Where every Worker sends its spans. */
  collector: Collector;
  /** The database's owner. */
  databaseUrl: string;
}

/** `users` repeats at once, so that a message can be seen to run out of deliveries. */
const retrySeconds: Record<string, string> = { users: "0" };

async function start(): Promise<TestPlatform> {
  const databaseUrl = await freshDatabase();
  const dir = join(inject("scratch"), crypto.randomUUID());
  // The roles are the run's, with the passwords that test/setup.ts gave them.
  const databasePasswords = {
    auth: "auth",
    users: "users",
    alerts: "alerts",
    notifications: "notifications",
    email: "email",
    events: "events",
    chat: "chat",
  };
  const secrets = { ...(await localSecrets(dir)), databasePasswords };
  const mail = await startMail({ dir: join(dir, "mail") });
  const prices = await startPrices({
    dir: join(dir, "prices"),
    keys: secrets.priceKeys,
    startMonth: "2007-06",
  });
  const statements = new Map<string, { role: string; query: string }>();
  const neon = await startNeon({
    pgPort: Number(new URL(databaseUrl).port),
    watch: (role, asked) => asked.forEach((query) => statements.set(`${role} ${query}`, { role, query })),
  });
  const collector = await startCollector();
  const databaseUrlOf = (role: string, password: string) =>
    Object.assign(new URL(databaseUrl), { username: role, password }).href;
  const environments = workerEnvironment(
    {
      neonUrl: neon.url,
      databaseUrl: databaseUrlOf,
      smtpPort: mail.smtpPort,
      pricesUrl: prices.url,
      publicUrl: "http://souk.test",
    },
    secrets,
  );
  // The suites make thousands of calls a minute as one person; quotas have tests of their own.
  const gateway = { ...environments["gateway"], QUOTAS };
  const traced = Object.entries({ ...environments, gateway }).map(
    ([name, environment]) => [name, { ...environment, OTLP_ENDPOINT: collector.url }] as const,
  );
  const { harness, url } = await startWorkers(Object.fromEntries(traced));
  return {
    url: url.origin,
    proxy: await startProxy(url),
    secrets,
    harness,
    mail,
    prices,
    neon,
    statements,
    collector,
    databaseUrl,
  };
}

const QUOTAS = JSON.stringify({ anonymous: 100, authenticated: 1_000_000, premium: 1_000_000 });

/**
 * Starts every Worker from its real configuration.
 * @param environments variables and secrets by the Worker's name
 */
export async function startWorkers(environments: ReturnType<typeof workerEnvironment>) {
  const harness = createTestHarness({
    workers: WORKERS.map(({ name, configPath, config }) => {
      const required = config.secrets?.required ?? [];
      // A test that makes a delivery fail waits for its repeat.
      const quick = "RETRY_SECONDS" in config.vars ? { RETRY_SECONDS: retrySeconds[name] ?? "1" } : {};
      const values = Object.entries({ ...environments[name], ...quick });
      return {
        configPath,
        vars: Object.fromEntries(values.filter(([key]) => !required.includes(key))),
        secrets: Object.fromEntries(values.filter(([key]) => required.includes(key))),
      };
    }),
  });
  const { url } = await harness.listen();
  return { harness, url };
}

let running: Promise<TestPlatform> | undefined;

/**
 * The one platform of a test project. It takes seconds to start, so all its tests share it and each makes its own users.
 * It ends with the test process; test/setup.ts removes its folder.
 */
export const testPlatform = (): Promise<TestPlatform> => (running ??= start());

/** The platform, if any test has asked for it. */
export const startedPlatform = (): Promise<TestPlatform | undefined> => Promise.resolve(running);
