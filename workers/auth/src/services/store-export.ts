import { exportParts, exports } from "@souk/db/schema/auth-account-life";
import type { Context } from "@souk/kit/context";
import type { ExportPage } from "@souk/kit/rpc";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";

const Kept = z.array(z.object({ table: z.string(), page: z.int(), after: z.array(z.string()).nullable() }));

/**
 * Keeps pages of a service's rows for the copy that a person asked for; of an earlier copy it keeps nothing. Of a page given twice the
 * first counts, so that pages which were read at different times still join.
 * @returns where the kept pages end; nothing when the copy is no more wanted
 */
export async function storeExport(
  context: Context<Env>,
  service: string,
  copy: { userId: string; exportId: string },
  pages: ExportPage[],
): Promise<Omit<ExportPage, "rows">[]> {
  const { db } = context;
  const given = (columns: string) =>
    sql`jsonb_to_recordset(${JSON.stringify(pages)}::jsonb) AS given(${sql.raw(columns)})`;
  const wanted = sql`copy.user_id = ${copy.userId}::uuid AND copy.id = ${copy.exportId}::uuid`;
  const [, kept] = await db.batch([
    db.execute(sql`
      INSERT INTO ${exportParts} (id, user_id, export_id, service, "table", page, data, bytes, after)
      SELECT events.uuid_v7(${context.now().toISOString()}::timestamptz), copy.user_id, copy.id, ${service}, given."table", given.page, given.rows, octet_length(given.rows::text), given.after
      FROM ${exports} AS copy, ${given(`"table" text, page int, rows jsonb, after jsonb`)} WHERE ${wanted}
      ON CONFLICT DO NOTHING`),
    // A statement of its own, which sees also what the first one waited for.
    db.execute(sql`
      SELECT part."table", part.page, part.after FROM ${exports} AS copy
      JOIN ${exportParts} AS part ON part.export_id = copy.id AND part.service = ${service}
      JOIN ${given(`"table" text, page int`)} USING ("table", page) WHERE ${wanted}`),
  ]);
  return Kept.parse(kept.rows);
}
