import { randomBytes } from "node:crypto";
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

/**
 * Gives each of the services' roles a new password.
 * @param url connection string of the database's owner
 * @returns each service's DATABASE_URL, to be put into its Worker's secrets
 */
export async function renewPasswords(
  url: string,
  services: readonly Service[],
): Promise<Map<Service, string>> {
  const passwords = new Map(services.map((service) => [service, randomBytes(24).toString("base64url")]));
  await setRolePasswords(url, Object.fromEntries(passwords));
  return new Map(
    [...passwords].map(([service, password]) => {
      const own = new URL(url);
      own.username = roleOf(service);
      own.password = password;
      return [service, own.href];
    }),
  );
}
