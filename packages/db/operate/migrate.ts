import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import { asOwner } from "./owner.ts";

/** Two deployments at once must not migrate side by side; the number is arbitrary. */
const MIGRATION_LOCK = 7_236_001;

/**
 * Brings a database to the newest schema, in one transaction.
 * @param url connection string of the database's owner, any Postgres 17 or Neon
 */
export async function migrate(url: string): Promise<void> {
  await asOwner(url, async (client) => {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await applyMigrations(drizzle(client), {
      migrationsFolder: join(import.meta.dirname, "../migrations"),
      migrationsSchema: "migrations",
      migrationsTable: "applied",
    });
  });
}
