import { neon, neonConfig, Pool, type NeonQueryFunction } from "@neondatabase/serverless";
import { drizzle as drizzleHttp, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { drizzle as drizzleWebSocket, type NeonDatabase } from "drizzle-orm/neon-serverless";

export type Database = NeonHttpDatabase & { $client: NeonQueryFunction<false, false> };

/** A statement that has not answered by then is given up; the roles' statement timeout ends it in the database before. */
const STATEMENT_MS = 10_000;

/** The Neon driver is configured per isolate; locally it is pointed at the stand-in's endpoint, in production left as it is. */
function useEndpoint(endpoint: string): void {
  if (endpoint === "") return;
  const { host } = new URL(endpoint);
  neonConfig.fetchEndpoint = `${endpoint}/sql`;
  neonConfig.wsProxy = `${host}/v2`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineTLS = false;
  neonConfig.pipelineConnect = false;
}

// A signal passed to the driver would start to run when the client is made, not with each statement.
neonConfig.fetchFunction = (url: string, init: RequestInit) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(STATEMENT_MS) });

/**
 * Postgres over Neon's HTTP: one statement or one `batch` (a transaction) a round trip.
 * @param url the role's connection string
 * @param endpoint the local stand-in's address, or "" for Neon
 */
export function httpDatabase(url: string, endpoint: string): Database {
  useEndpoint(endpoint);
  return drizzleHttp(neon(url));
}

/**
 * One transaction over a WebSocket, for the verb that must read and then decide. The connection is opened and ended within the call.
 * @param work is given the transaction; throwing rolls it back
 */
export async function withTransaction<T>(
  url: string,
  endpoint: string,
  work: (transaction: Parameters<Parameters<NeonDatabase["transaction"]>[0]>[0]) => Promise<T>,
): Promise<T> {
  useEndpoint(endpoint);
  const pool = new Pool({ connectionString: url, max: 1, connectionTimeoutMillis: STATEMENT_MS });
  // A connection that breaks fails the statement that uses it; the pool reports it once more.
  pool.on("error", () => {});
  try {
    return await drizzleWebSocket(pool).transaction(work);
  } finally {
    await pool.end();
  }
}

/** The SQLSTATE of a failed statement, or undefined. */
export function sqlState(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && /^[0-9A-Z]{5}$/.test(cause.code))
      return cause.code;
  }
  return undefined;
}

/** The name of the constraint that a failed statement broke, or undefined. */
export function brokenConstraint(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("constraint" in cause && typeof cause.constraint === "string") return cause.constraint;
  }
  return undefined;
}
