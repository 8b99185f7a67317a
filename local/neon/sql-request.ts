import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";

/** The caller's mistake; its message goes back with status 400. */
export class BadSqlRequest extends Error {
  override name = "BadSqlRequest";
}

const querySchema = z.object({ query: z.string(), params: z.array(z.unknown()).default([]) });
const bodySchema = z.union([z.object({ queries: z.array(querySchema) }), querySchema]);

const ISOLATION_LEVELS = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
} as const;
const isolationLevelSchema = z.enum(["ReadUncommitted", "ReadCommitted", "RepeatableRead", "Serializable"]);

export type Query = z.infer<typeof querySchema>;

/** A request of Neon's SQL over HTTP. */
export interface SqlRequest {
  role: string;
  password: string;
  database: string;
  queries: Query[];
  /** The statement that opens the transaction of a batch; undefined for a single query. */
  begin: string | undefined;
  rawText: boolean;
  arrayMode: boolean;
}

/**
 * Reads a request as Neon's driver sends it (headers `Neon-*`, JSON body).
 * @throws BadSqlRequest that says what is missing or wrong
 */
export function readSqlRequest(headers: IncomingHttpHeaders, body: string): SqlRequest {
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const parsed = bodySchema.safeParse(parseJson(body));
  if (!parsed.success) throw new BadSqlRequest("The body needs `query` and `params`, or `queries`");
  return {
    ...readConnectionString(header("neon-connection-string")),
    ...("queries" in parsed.data
      ? { queries: parsed.data.queries, begin: beginStatement(header) }
      : { queries: [parsed.data], begin: undefined }),
    rawText: header("neon-raw-text-output") === "true",
    arrayMode: header("neon-array-mode") === "true",
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadSqlRequest("The body is not JSON");
  }
}

function readConnectionString(text: string | undefined): Pick<SqlRequest, "role" | "password" | "database"> {
  if (text === undefined) throw new BadSqlRequest("The header Neon-Connection-String is missing");
  const url = URL.parse(text);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.username === "" || url.pathname.length < 2)
    throw new BadSqlRequest(
      "The header Neon-Connection-String is not a connection string with role and database",
    );
  try {
    const [role, password, database] = [url.username, url.password, url.pathname.slice(1)].map(
      decodeURIComponent,
    );
    return { role: role ?? "", password: password ?? "", database: database ?? "" };
  } catch {
    throw new BadSqlRequest("The header Neon-Connection-String is wrongly percent-encoded");
  }
}

function beginStatement(header: (name: string) => string | undefined): string {
  const level = isolationLevelSchema.safeParse(header("neon-batch-isolation-level") ?? "ReadCommitted");
  if (!level.success) throw new BadSqlRequest("The header Neon-Batch-Isolation-Level is unknown");
  const readOnly = header("neon-batch-read-only") === "true" ? " READ ONLY" : "";
  const deferrable = header("neon-batch-deferrable") === "true" ? " DEFERRABLE" : "";
  return `BEGIN ISOLATION LEVEL ${ISOLATION_LEVELS[level.data]}${readOnly}${deferrable}`;
}
