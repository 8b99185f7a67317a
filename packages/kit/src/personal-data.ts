import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Context } from "./context.ts";
import { appendEvents } from "./event-log.ts";
import type { BaseEnv } from "./config.ts";
import type { SoukEvent } from "./events.ts";
import { callTimeout } from "./resilience.ts";
import type { AuthService } from "./rpc.ts";
import { traceparent } from "./trace.ts";

/** The services that hold data of persons besides `auth`: each answers `person.erasure_requested` for its own. */
export const HOLDERS = ["users", "alerts", "notifications", "email", "chat"] as const;

/**
 * One statement that erases a person's rows and tells how many they were by `person.data_erased`. A repeat erases nothing and tells so.
 * @param rows a DELETE for each table, by the table's name, without RETURNING
 */
export function eraseRows(
  context: Context,
  { data }: SoukEvent<"person.erasure_requested">,
  rows: Record<string, SQL>,
): SQL {
  const tables = Object.keys(rows);
  const deletes = Object.entries(rows).map(
    ([table, remove]) => sql`${sql.identifier(table)} AS (${remove} RETURNING 1)`,
  );
  const counts = tables.map((table) => sql`${table}::text, (SELECT count(*) FROM ${sql.identifier(table)})`);
  return sql`WITH ${sql.join(deletes, sql`, `)}, counted AS (SELECT jsonb_build_object(${sql.join(counts, sql`, `)}) AS counts)
    ${appendEvents(context, "person.data_erased", {
      from: sql`counted`,
      aggregateId: sql`${data.userId}::text`,
      data: sql`jsonb_build_object('userId', ${data.userId}::text, 'erasureId', ${data.erasureId}::text, 'counts', counts)`,
    })}`;
}

/** Rows of one table in a copy at most, so that it fits an isolate and an answer. */
const ROWS = 5_000;

const Read = z.object({ rows: z.record(z.string(), z.array(z.unknown())) });

/**
 * Reads what a service holds of a person and hands it to `auth`, which keeps the copy until it is fetched.
 * @param rows a SELECT for each table, by the table's name, the newest rows first
 * @throws whatever the database or `auth` throws; the event is then to be delivered again
 */
export async function exportRows(
  context: Context<z.infer<typeof BaseEnv> & { AUTH: AuthService }>,
  { data }: SoukEvent<"person.export_requested">,
  rows: Record<string, SQL>,
): Promise<void> {
  const parts = Object.entries(rows).map(
    ([table, select]) =>
      sql`${table}::text, (SELECT coalesce(jsonb_agg(to_jsonb(found)), '[]') FROM (${select} LIMIT ${ROWS}) AS found)`,
  );
  const answer = await context.db.execute(
    sql`SELECT jsonb_build_object(${sql.join(parts, sql`, `)}) AS rows`,
  );
  const read = Read.parse(answer.rows[0]);
  await callTimeout.execute(() => context.env.AUTH.storeExport(data, read.rows, traceparent(context.trace)));
}
