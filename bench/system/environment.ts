import { join } from "node:path";
import { SERVICES, type Service } from "@souk/db/roles";
import { workerEnvironment } from "../../local/environment.ts";
import { localSecrets, type LocalSecrets } from "../../local/secrets.ts";
import type { Databases } from "./database.ts";
import { SCRATCH } from "./scratch.ts";

/** The address that tokens and links name; nobody asks it. */
export const PUBLIC_URL = "http://souk.test";

/** Nothing listens there. */
const NOBODY = 1;

interface Environment {
  secrets: LocalSecrets;
  /** Variables and secrets by Worker name. */
  environments: Record<string, Record<string, string>>;
}

/**
 * What each Worker is given in a benchmark: a database, and no price source, so that a poll only evaluates what is stored.
 * @param smtpPort of the mail server, where a run has one
 */
export async function benchEnvironment(
  databases: Databases,
  database: string,
  smtpPort: number = NOBODY,
): Promise<Environment> {
  const databasePasswords = Object.fromEntries(SERVICES.map((service) => [service, service])) as Record<
    Service,
    string
  >;
  const secrets = {
    ...(await localSecrets(join(SCRATCH, "secrets"))),
    databasePasswords,
    priceKeys: { goldapi: "", metalsdev: "", metalpriceapi: "" },
  };
  const environments = workerEnvironment(
    {
      neonUrl: databases.neon.url,
      databaseUrl: (role, password) => databases.url(database, role, password),
      smtpPort,
      pricesUrl: `http://127.0.0.1:${NOBODY}`,
      publicUrl: PUBLIC_URL,
    },
    secrets,
  );
  return { secrets, environments };
}
