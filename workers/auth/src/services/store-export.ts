import { exportParts, exports } from "@souk/db/schema/auth-account-life";
import type { Context } from "@souk/kit/context";
import type { PersonalRows } from "@souk/kit/rpc";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/** Keeps a service's part of the copy that a person asked for; of an earlier copy it keeps nothing. A repeat replaces the part. */
export async function storeExport(
  context: Context<Env>,
  service: string,
  copy: { userId: string; exportId: string },
  rows: PersonalRows,
): Promise<void> {
  await context.db.execute(sql`
    INSERT INTO ${exportParts} (user_id, service, export_id, data)
    SELECT user_id, ${service}, id, ${JSON.stringify(rows)}::jsonb
    FROM ${exports} WHERE user_id = ${copy.userId}::uuid AND id = ${copy.exportId}::uuid
    ON CONFLICT (user_id, service) DO UPDATE SET export_id = excluded.export_id, data = excluded.data`);
}
