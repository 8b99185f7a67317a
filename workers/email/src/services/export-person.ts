import { emailLogs } from "@souk/db/schema/email";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { exportRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Gives the records of a person's mail to their copy.
 * @throws whatever the database or `auth` throws; the event is then to be delivered again
 */
export async function exportPerson(
  context: Context<Env>,
  event: SoukEvent<"person.export_requested" | "person.export_continued">,
): Promise<void> {
  const theirs = sql`user_id = ${event.data.userId}::uuid`;
  await exportRows(context, event, {
    email_logs: { rows: sql`SELECT * FROM ${emailLogs} WHERE ${theirs}`, key: ["id"] },
  });
}
