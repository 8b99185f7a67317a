import { sql, type SQL } from "drizzle-orm";
import type { Context } from "./context.ts";
import { appendEvents } from "./event-log.ts";
import type { SoukEvent } from "./events.ts";

/** The services that hold data of persons besides `auth`: each answers `person.erasure_requested` for its own. */
export const HOLDERS = ["users", "alerts", "notifications", "email"] as const;

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
