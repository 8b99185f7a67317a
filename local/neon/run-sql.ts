import pg from "pg";
import type { Query, SqlRequest } from "./sql-request.ts";

/** Connections to one Postgres, a small pool for each role, password and database, so that grants are really checked. */
export class SqlRunner {
  #port: number;
  #pools = new Map<string, pg.Pool>();

  constructor(postgresPort: number) {
    this.#port = postgresPort;
  }

  /**
   * Runs a request and returns the body that Neon answers: one result, or `{ results }` of a batch, which is one transaction.
   * @throws pg.DatabaseError when Postgres refuses, other errors when it cannot be reached
   */
  async run(request: SqlRequest): Promise<unknown> {
    const client = await this.#pool(request).connect();
    let broken: Error | undefined;
    try {
      const [first, ...rest] = request.queries;
      if (request.begin === undefined && first && rest.length === 0)
        return await runQuery(client, request, first);
      await client.query(request.begin ?? "BEGIN");
      try {
        const results = [];
        for (const query of request.queries) results.push(await runQuery(client, request, query));
        await client.query("COMMIT");
        return { results };
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      }
    } catch (error) {
      // A connection on which anything but a plain refusal happened is not used again.
      if (!(error instanceof pg.DatabaseError) && error instanceof Error) broken = error;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }

  #pool({ role, password, database }: SqlRequest): pg.Pool {
    const key = JSON.stringify([role, password, database]);
    let pool = this.#pools.get(key);
    if (!pool) {
      const address = { host: "127.0.0.1", port: this.#port, user: role, password, database };
      pool = new pg.Pool({
        ...address,
        max: 10,
        idleTimeoutMillis: 2000,
        connectionTimeoutMillis: 10_000,
        allowExitOnIdle: true,
      });
      // An idle connection that ends (a dropped database, a stopped server) is simply replaced by the next request.
      pool.on("error", () => {});
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

// Neon sends values as Postgres' text; its driver turns them into types.
const asText = { getTypeParser: () => (value: unknown) => value };

async function runQuery(
  client: pg.PoolClient,
  request: SqlRequest,
  { query, params }: Query,
): Promise<unknown> {
  const config = { text: query, values: params, ...(request.rawText ? { types: asText } : {}) };
  const result = request.arrayMode
    ? await client.query<unknown[]>({ ...config, rowMode: "array" })
    : await client.query<Record<string, unknown>>(config);
  return {
    command: result.command,
    rowCount: result.rowCount,
    rows: result.rows,
    fields: result.fields.map(({ name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier }) => ({
      name,
      dataTypeID,
      tableID,
      columnID,
      dataTypeSize,
      dataTypeModifier,
      format: "text",
    })),
    rowAsArray: request.arrayMode,
  };
}
