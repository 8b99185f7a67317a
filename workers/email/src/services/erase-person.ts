import { digestOf } from "@souk/db/erased";
import { emailAttempts, emailLogs, erased } from "@souk/db/schema/email";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { eraseRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import { personLock } from "../delivery/person-lock.ts";
import type { Env } from "../env.ts";

/**
 * Erases the records of a person's mail, and remembers that they are gone: an event that comes late writes to nobody and stores nothing.
 * @param event the request; a repeat erases nothing
 */
export async function erasePerson(
  context: Context<Env>,
  event: SoukEvent<"person.erasure_requested">,
): Promise<void> {
  const { userId } = event.data;
  const theirs = sql`user_id = ${userId}::uuid`;
  await context.db.batch([
    context.db.execute(personLock(userId)),
    context.db.execute(
      sql`INSERT INTO ${erased} (person) VALUES (${digestOf(userId)}) ON CONFLICT DO NOTHING`,
    ),
    context.db.execute(
      eraseRows(context, event, {
        email_logs: sql`DELETE FROM ${emailLogs} WHERE ${theirs}`,
        email_attempts: sql`DELETE FROM ${emailAttempts} WHERE email_id IN (SELECT id FROM ${emailLogs} WHERE ${theirs})`,
      }),
    ),
  ]);
}
