import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { z } from "zod";
import { roleOf, SERVICES, type Service } from "../src/roles.ts";
import { asOwner } from "./owner.ts";

/**
 * Gives service roles their passwords, which are never part of a migration.
 * @param url connection string of the database's owner
 */
export async function setRolePasswords(
  url: string,
  passwords: Partial<Record<Service, string>>,
): Promise<void> {
  await asOwner(url, async (client) => {
    for (const service of SERVICES) {
      const password = passwords[service];
      if (password === undefined) continue;
      await client.query(
        `ALTER ROLE ${client.escapeIdentifier(roleOf(service))} PASSWORD ${client.escapeLiteral(password)}`,
      );
    }
  });
}

/** A service's two logins: the role that holds its rights, and a member of it. One is in use; a rotation goes over to the other. */
const loginsOf = (service: Service): [string, string] => [roleOf(service), `${roleOf(service)}_2`];

const Used = z.array(z.object({ login: z.string().nullable() }));

/** The login that the last renewal went over to; null before the first. */
async function loginInUse(client: Client, service: Service): Promise<string | null> {
  const { rows } = await client.query(
    "SELECT shobj_description(oid, 'pg_authid') AS login FROM pg_roles WHERE rolname = $1",
    [roleOf(service)],
  );
  return Used.parse(rows)[0]?.login ?? null;
}

/** Rights are inherited, a role's own settings are not. */
async function makeSecondLogin(client: Client, [first, second]: [string, string]): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [second]);
  if (rowCount !== 0) return;
  await client.query(`CREATE ROLE ${second} LOGIN CONNECTION LIMIT 60 IN ROLE ${first}`);
  await client.query(`ALTER ROLE ${second} SET statement_timeout = '8s'`);
  await client.query(`ALTER ROLE ${second} SET idle_in_transaction_session_timeout = '10s'`);
}

/**
 * Gives each of the services a login with a new password. The one that it has stays good until `endOldPasswords`, so that its Worker is
 * never without.
 * @param url connection string of the database's owner
 * @returns each service's new DATABASE_URL, to be put into its Worker's secrets
 */
export async function renewPasswords(
  url: string,
  services: readonly Service[],
): Promise<Map<Service, string>> {
  const urls = new Map<Service, string>();
  await asOwner(url, async (client) => {
    for (const service of services) {
      const [first, second] = loginsOf(service);
      const next = (await loginInUse(client, service)) === first ? second : first;
      const password = randomBytes(24).toString("base64url");
      await client.query("BEGIN");
      await makeSecondLogin(client, [first, second]);
      await client.query(`ALTER ROLE ${next} PASSWORD ${client.escapeLiteral(password)}`);
      await client.query(`COMMENT ON ROLE ${first} IS ${client.escapeLiteral(next)}`);
      await client.query("COMMIT");
      urls.set(service, Object.assign(new URL(url), { username: next, password }).href);
    }
  });
  return urls;
}

/**
 * Ends the logins that the services no longer use.
 * @param url connection string of the database's owner
 * @throws Error when a service's password was never renewed
 */
export async function endOldPasswords(url: string, services: readonly Service[]): Promise<void> {
  await asOwner(url, async (client) => {
    for (const service of services) {
      const used = await loginInUse(client, service);
      if (used === null) throw new Error(`The password of ${service} was never renewed.`);
      for (const login of loginsOf(service))
        if (login !== used) await client.query(`ALTER ROLE ${login} PASSWORD NULL`);
    }
  });
}
