import { alerts } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import { lockAlertsOf } from "../alert-statements.ts";
import type { Env } from "../env.ts";
import { notePresence } from "./note-presence.ts";

/**
 * Lets the alerts of a person who is away rest: no price fires, spends or arms them.
 * @param person with the number of the change that told it; a repeat, or one that a later change has overtaken, does nothing
 */
export async function restAlerts(
  context: Context<Env>,
  { userId, change }: { userId: string; change: number },
): Promise<void> {
  const { db } = context;
  await db.batch([
    db.execute(lockAlertsOf(userId)),
    db.execute(sql`WITH ${notePresence(userId, change, true)}
      UPDATE ${alerts} a SET resting = true FROM concerned WHERE a.id = concerned.id`),
  ]);
}
