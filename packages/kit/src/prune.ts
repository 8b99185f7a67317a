import { getTableName, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Context } from "./context.ts";
import { earliestId } from "./ids.ts";

/** Rows that one statement deletes at most, and statements of one run: what is left waits for the next. */
export const PRUNED = 5_000;
const STATEMENTS = 40;

/**
 * Deletes the rows that are older than a moment, the oldest first. Safe to run twice at once: rows that another run holds are passed over.
 * @param column tells a row's age, and has an index; of ids the time that a UUIDv7 carries
 * @returns how many went
 */
export async function prune(
  context: Context,
  table: PgTable,
  column: PgColumn,
  before: Date,
): Promise<number> {
  const limit =
    column.getSQLType() === "uuid"
      ? sql`${earliestId(before)}::uuid`
      : sql`${before.toISOString()}::timestamptz`;
  let gone = 0;
  for (let statement = 0; statement < STATEMENTS; statement++) {
    const { rowCount } = await context.db.execute(sql`DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${table} WHERE ${column} < ${limit} ORDER BY ${column} LIMIT ${PRUNED} FOR UPDATE SKIP LOCKED))`);
    gone += rowCount;
    if (rowCount < PRUNED) break;
  }
  if (gone > 0) context.log.info("rows pruned", { table: getTableName(table), gone });
  return gone;
}
