import { blocks, mutes } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";

const Rows = z.array(z.object({ userId: z.uuid() }));

/** Those of some people who mute or block a person. */
export async function findSilencing(
  context: Context<Env>,
  userId: string,
  otherIds: string[],
): Promise<string[]> {
  const them = sql`${userId}::uuid`;
  const { rows } = await context.db
    .execute(sql`SELECT asked.value::uuid AS "userId" FROM jsonb_array_elements_text(${JSON.stringify(otherIds)}::jsonb) AS asked (value)
    WHERE EXISTS (SELECT FROM ${mutes} x WHERE x.muter_id = asked.value::uuid AND x.muted_id = ${them})
      OR EXISTS (SELECT FROM ${blocks} x WHERE x.blocker_id = asked.value::uuid AND x.blocked_id = ${them})`);
  return Rows.parse(rows).map((row) => row.userId);
}
