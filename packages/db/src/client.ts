import { neon, neonConfig, Pool, type NeonQueryFunction } from "@neondatabase/serverless";
import { drizzle as drizzleHttp, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { drizzle as drizzleWebSocket, type NeonDatabase } from "drizzle-orm/neon-serverless";
import { z } from "zod";
import { stopwatch } from "./stopwatch.ts";

export type Database = NeonHttpDatabase & { $client: NeonQueryFunction<false, false> };

/** One wait for the database: its statements, which hold no values since those travel as parameters. */
export interface RoundTrip {
  statements: string[];
  /** The rows of all statements together; null when the database did not answer or refused. */
  rows: number | null;
  ms: number;
}

/** Told how long a round trip took. `details` reads what was asked and answered, for the few that want to know more. */
export type Observe = (ms: number, details: () => RoundTrip) => void;

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

const Asked = z.object({ query: z.string() });
const AskedMany = z.object({ queries: z.array(Asked) });
const Answered = z.object({ rows: z.array(z.unknown()) });
const AnsweredMany = z.object({ results: z.array(Answered) });

/** What Neon's protocol carried: one statement, or a batch of them. */
function readRoundTrip(asked: unknown, answer: string | null, ms: number): RoundTrip {
  const body: unknown = typeof asked === "string" ? JSON.parse(asked) : undefined;
  const batch = AskedMany.safeParse(body);
  const one = Asked.safeParse(body);
  const queries = batch.data?.queries ?? (one.success ? [one.data] : []);
  const result: unknown = answer === null ? null : JSON.parse(answer);
  const results = AnsweredMany.safeParse(result).data?.results ?? Answered.array().safeParse([result]).data;
  return {
    statements: queries.map(({ query }) => query),
    rows: results?.reduce((sum, { rows }) => sum + rows.length, 0) ?? null,
    ms,
  };
}

type Init = RequestInit & { observe?: Observe };

// A signal passed to the driver would start to run when the client is made, not with each statement.
neonConfig.fetchFunction = async (url: string, { observe, ...init }: Init) => {
  const passed = stopwatch();
  const told = (answer: string | null) => {
    const ms = passed();
    observe?.(ms, () => readRoundTrip(init.body, answer, ms));
  };
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(STATEMENT_MS) });
    const text = await response.text();
    told(response.ok ? text : null);
    return new Response(text, response);
  } catch (error) {
    told(null);
    throw error;
  }
};

/**
 * Postgres over Neon's HTTP: one statement or one `batch` (a transaction) a round trip.
 * @param url the role's connection string
 * @param endpoint the local stand-in's address, or "" for Neon
 * @param observe told of each round trip, failed ones too
 */
export function httpDatabase(url: string, endpoint: string, observe?: Observe): Database {
  useEndpoint(endpoint);
  // The driver hands these options to `fetchFunction` above.
  return drizzleHttp(neon(url, { fetchOptions: { observe } }));
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
