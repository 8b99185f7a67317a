import type { Context } from "@souk/kit/context";
import { digestOf } from "@souk/db/erased";
import { emailAttempts, emailLogs, erased } from "@souk/db/schema/email";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { TemplateName } from "../templates/catalogue.ts";
import { personLock } from "./person-lock.ts";

/** How long a delivery may work on a mail before another may: longer than the SMTP conversation and its recording. */
const CLAIM_MS = 120_000;

/** The right to work on one mail until the time; every later statement names both, so a late worker changes nothing. */
export interface Claim {
  emailId: string;
  messageId: string;
  until: string;
}

const Row = z.object({ id: z.uuid(), message_id: z.string(), mine: z.boolean() });

/** The end of a claim that begins now, ISO 8601. */
export const claimEnd = (context: Context): string =>
  new Date(context.now().getTime() + CLAIM_MS).toISOString();

/**
 * Claims a mail in one transaction: begins it, or takes it over where no delivery works on it (any more).
 * A try that a dead delivery left open may have reached the receiver: the mail is then `uncertain`.
 * @param eventId the event that asks for it
 * @returns the claim; `done` when the mail needs nothing more, or its receiver has been erased; `busy` while another delivery holds it
 */
export async function claimEmail(
  context: Context<Env>,
  eventId: string,
  mail: { template: TemplateName; userId: string },
): Promise<Claim | "done" | "busy"> {
  const id = context.newId();
  const now = context.now().toISOString();
  const until = claimEnd(context);
  const gone = sql`EXISTS (SELECT FROM ${erased} WHERE person = ${digestOf(mail.userId)})`;
  const claim = sql`
    WITH claimed AS (
      INSERT INTO ${emailLogs} AS held (id, event_id, template, user_id, message_id, status, claimed_until, created_at, updated_at)
      SELECT ${id}::uuid, ${eventId}::uuid, ${mail.template}, ${mail.userId}::uuid, ${`<${id}@${context.env.MAIL_FROM.domain}>`},
        'claimed', ${until}::timestamptz, ${now}::timestamptz, ${now}::timestamptz
      WHERE NOT ${gone}
      ON CONFLICT (event_id, template) DO UPDATE SET
        status = CASE
          WHEN EXISTS (SELECT FROM ${emailAttempts} AS open WHERE open.email_id = held.id AND open.outcome IS NULL) THEN 'uncertain'
          WHEN held.status = 'failed' THEN 'claimed'
          ELSE held.status END,
        claimed_until = excluded.claimed_until, updated_at = excluded.updated_at
      WHERE held.status IN ('claimed', 'uncertain', 'failed') AND NOT held.permanent
        AND (held.claimed_until IS NULL OR held.claimed_until <= ${now}::timestamptz)
      RETURNING held.id, held.message_id
    ), lost AS (
      UPDATE ${emailAttempts} AS open SET outcome = 'lost', ended_at = ${now}::timestamptz FROM claimed
      WHERE open.email_id = claimed.id AND open.outcome IS NULL
    )
    SELECT id, message_id, true AS mine FROM claimed
    UNION ALL
    SELECT id, message_id, false FROM ${emailLogs}
    WHERE event_id = ${eventId}::uuid AND template = ${mail.template}
      AND (status IN ('sent', 'suppressed', 'skipped') OR permanent)
    UNION ALL
    SELECT ${id}::uuid, '', false WHERE ${gone}`;
  const [, { rows }] = await context.db.batch([
    context.db.execute(personLock(mail.userId)),
    context.db.execute(claim),
  ]);
  const [row] = z.array(Row).parse(rows);
  if (row === undefined) return "busy";
  return row.mine ? { emailId: row.id, messageId: row.message_id, until } : "done";
}
