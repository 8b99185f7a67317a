import { join } from "node:path";
import { inject } from "vitest";
import { createTestHarness } from "wrangler";
import { workerEnvironment } from "../local/environment.ts";
import { startMail, type Mail } from "../local/mail/server.ts";
import { startPrices, type Prices } from "../local/prices/server.ts";
import { localSecrets } from "../local/secrets.ts";
import { freshDatabase } from "./fresh-database.ts";
import { WORKERS } from "./workers.ts";

/** The whole system from the real configurations, with the local stand-ins for mail and prices, on a database of its own. */
export interface TestPlatform {
  /** The gateway's address. */
  url: string;
  harness: ReturnType<typeof createTestHarness>;
  mail: Mail;
  prices: Prices;
  /** The database's owner. */
  databaseUrl: string;
}

async function start(): Promise<TestPlatform> {
  const databaseUrl = await freshDatabase();
  const dir = join(inject("scratch"), "system");
  // The roles are the run's, with the passwords that test/setup.ts gave them.
  const databasePasswords = {
    auth: "auth",
    users: "users",
    alerts: "alerts",
    notifications: "notifications",
    email: "email",
    events: "events",
  };
  const secrets = { ...(await localSecrets(dir)), databasePasswords };
  const mail = await startMail({ dir: join(dir, "mail") });
  const prices = await startPrices({
    dir: join(dir, "prices"),
    keys: secrets.priceKeys,
    startMonth: "2007-06",
  });
  const databaseUrlOf = (role: string, password: string) =>
    Object.assign(new URL(databaseUrl), { username: role, password }).href;
  const environments = workerEnvironment(
    {
      neonUrl: inject("neon"),
      databaseUrl: databaseUrlOf,
      smtpPort: mail.smtpPort,
      pricesUrl: prices.url,
      publicUrl: "http://souk.test",
    },
    secrets,
  );
  const harness = createTestHarness({
    workers: WORKERS.map(({ name, configPath, config }) => {
      const required = config.secrets?.required ?? [];
      const values = Object.entries(environments[name] ?? {});
      return {
        configPath,
        vars: Object.fromEntries(values.filter(([key]) => !required.includes(key))),
        secrets: Object.fromEntries(values.filter(([key]) => required.includes(key))),
      };
    }),
  });
  const { url } = await harness.listen();
  return { url: url.origin, harness, mail, prices, databaseUrl };
}

let running: Promise<TestPlatform> | undefined;

/**
 * The run's one platform. It takes seconds to start, so all system tests share it and each makes its own users.
 * It ends with the test process; test/setup.ts removes its folder.
 */
export const testPlatform = (): Promise<TestPlatform> => (running ??= start());
