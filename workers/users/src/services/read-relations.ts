import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { idOf, relationTo } from "../queries/graph.ts";
import { Relation } from "../people-schemas.ts";

/**
 * What is between the caller and each of some people, in the order asked for; whoever does not exist has nothing to do with the caller.
 * @param ids each once
 * @throws AppError unauthorized
 */
export async function readRelations(context: Context<Env>, ids: string[]): Promise<{ items: Relation[] }> {
  const me = idOf(requireActor(context).userId);
  const { rows } = await context.db.execute(sql`SELECT ${relationTo(me, sql`asked.id`)} AS relation
    FROM (SELECT value::uuid AS id, place FROM jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb) WITH ORDINALITY AS t (value, place)) asked
    ORDER BY asked.place`);
  return {
    items: z
      .array(z.object({ relation: Relation }))
      .parse(rows)
      .map(({ relation }) => relation),
  };
}
