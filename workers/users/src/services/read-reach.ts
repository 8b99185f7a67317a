import type { Context } from "@souk/kit/context";
import type { Reach } from "@souk/kit/rpc";
import { z } from "zod";
import type { Env } from "../env.ts";
import { reachOf } from "../queries/graph.ts";

const Rows = z.array(
  z.object({
    userId: z.uuid(),
    reach: z.enum(["open", "request", "closed", "none"]),
    activity: z.boolean(),
  }),
) satisfies z.ZodType<{ reach: Reach }[]>;

/** How each of some people may be written to by a person, in one statement; one for each id. */
export async function readReach(
  context: Context<Env>,
  userId: string,
  otherIds: string[],
): Promise<z.infer<typeof Rows>> {
  const { rows } = await context.db.execute(reachOf(userId, otherIds));
  return Rows.parse(rows);
}
