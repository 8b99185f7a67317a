import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { allowAddress } from "./allow-address.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";

const Row = z.object({ allowed: z.boolean(), wait: z.int().nullable() });

/**
 * Counts a call of a credential route by its caller's address, before any work is done for it.
 * @throws AppError too_many_requests
 */
export async function countAttempt(context: Context<Env>, ip: string | null): Promise<void> {
  const { allowed, wait } = allowAddress(context, ip);
  const { rows } = await context.db.execute(sql`
    WITH address AS (${allowed})
    SELECT EXISTS (SELECT FROM address) AS allowed, ${wait} AS wait`);
  const row = Row.parse(rows[0]);
  if (!row.allowed) throw tooManyAttempts(row.wait);
}
