import pg from "pg";
import { errorCode } from "../error-code.ts";

const DUPLICATE_DATABASE = "42P04";

/**
 * Creates a database unless it is there.
 * @param adminUrl connection string of the superuser
 */
export async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } catch (error) {
    if (errorCode(error) !== DUPLICATE_DATABASE) throw error;
  } finally {
    await client.end();
  }
}
