import { deadLetters, log } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Takes the words of erased persons out of the log and the dead letters: the notes on their alerts are the one text that events carry, for
 * the mail and the notice that quote them. The rest is ids and facts, which lead nowhere any more. A repeat changes nothing.
 */
export async function forgetNotes(context: Context<Env>, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  const { db } = context;
  const gone = sql.join(
    userIds.map((userId) => sql`${userId}`),
    sql`, `,
  );
  await db.batch([
    db.execute(sql`
      UPDATE ${log} SET data = jsonb_set(data, '{note}', 'null')
      WHERE type = 'alert.triggered' AND data->>'note' IS NOT NULL AND data->>'userId' IN (${gone})`),
    db.execute(sql`
      UPDATE ${deadLetters} SET body = jsonb_set(body, '{event,data,note}', 'null')
      WHERE event_type = 'alert.triggered' AND body #>> '{event,data,note}' IS NOT NULL AND body #>> '{event,data,userId}' IN (${gone})`),
  ]);
}
