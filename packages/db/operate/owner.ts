import pg from "pg";

/**
 * Runs work over one connection of a database's owner, which is ended afterwards.
 * @param url connection string of any Postgres 17 or Neon database
 */
export async function asOwner<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
