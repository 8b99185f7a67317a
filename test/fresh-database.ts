import { asOwner } from "@souk/db/operate/owner";
import { inject } from "vitest";

/**
 * A new database for a test in Node.
 * @param migrated whether it has our tables, or nothing
 * @returns its owner's connection string
 */
export async function freshDatabase(migrated = true): Promise<string> {
  const name = `t_${crypto.randomUUID().replaceAll("-", "")}`;
  const template = migrated ? "template_souk" : "template0";
  await asOwner(`${inject("ownerUrl")}postgres`, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`),
  );
  return `${inject("ownerUrl")}${name}`;
}
