import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { emailAttempts, emailLogs } from "@souk/db/schema/email";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Claim } from "./claim-email.ts";
import type { Outcome } from "./mailer.ts";

const mailData = sql`jsonb_build_object('emailId', id, 'userId', user_id, 'template', template, 'causeId', event_id)`;

const endAttempt = (context: Context<Env>, attemptId: string, outcome: Outcome) => {
  const failure = outcome.outcome === "sent" ? { code: null, text: null } : outcome;
  return sql`UPDATE ${emailAttempts} SET ended_at = ${context.now().toISOString()}::timestamptz, outcome = ${outcome.outcome},
    response_code = ${outcome.responseCode}::int, error_code = ${failure.code}, error_text = ${failure.text}
    WHERE id = ${attemptId}::uuid`;
};

/** Records that the mail server took the mail, with `email.sent`, once however often it is called, and whoever holds the claim by then. */
export async function recordSent(
  context: Context<Env>,
  claim: Claim,
  attemptId: string,
  outcome: Outcome,
): Promise<void> {
  const now = context.now().toISOString();
  await context.db.execute(sql`
    WITH done AS (
      UPDATE ${emailLogs} SET status = 'sent', sent_at = ${now}::timestamptz, last_error = NULL, permanent = false,
        claimed_until = NULL, updated_at = ${now}::timestamptz
      WHERE id = ${claim.emailId}::uuid AND status <> 'sent' RETURNING *
    ), attempt AS (${endAttempt(context, attemptId, outcome)})
    ${appendEvents(context, "email.sent", { from: sql`done`, aggregateId: sql`id`, data: mailData })}`);
}

/**
 * Records a failure and gives the claim back.
 * @param failure.status what is now known of the mail
 * @param failure.final no further try follows by itself: `email.failed` is appended
 * @param failure.attempt the try that failed, where it came so far
 */
export async function recordFailure(
  context: Context<Env>,
  claim: Claim,
  failure: {
    status: "claimed" | "failed" | "uncertain";
    permanent: boolean;
    final: boolean;
    code: string;
    attempt?: { id: string; outcome: Outcome };
  },
): Promise<void> {
  const now = context.now().toISOString();
  // What may have arrived stays uncertain until a try is answered.
  const status = sql`CASE WHEN status = 'uncertain' AND NOT ${failure.permanent}::boolean THEN 'uncertain' ELSE ${failure.status} END`;
  const data = sql`${mailData} || jsonb_build_object('reason', ${failure.code}::text)`;
  await context.db.execute(sql`
    WITH done AS (
      UPDATE ${emailLogs} SET status = ${status}, permanent = ${failure.permanent}::boolean, last_error = ${failure.code},
        claimed_until = NULL, updated_at = ${now}::timestamptz
      WHERE id = ${claim.emailId}::uuid AND claimed_until = ${claim.until}::timestamptz RETURNING *
    )${failure.attempt ? sql`, attempt AS (${endAttempt(context, failure.attempt.id, failure.attempt.outcome)})` : sql``}
    ${failure.final ? appendEvents(context, "email.failed", { from: sql`done`, aggregateId: sql`id`, data }) : sql`SELECT FROM done`}`);
}

/** Records that a mail is not to be sent: `suppressed` by the receiver's own choice, `skipped` when there is nothing left to say or nobody to tell. */
export async function recordWithheld(
  context: Context<Env>,
  claim: Claim,
  status: "suppressed" | "skipped",
): Promise<void> {
  await context.db
    .update(emailLogs)
    .set({ status, claimedUntil: null, updatedAt: context.now() })
    .where(
      sql`${emailLogs.id} = ${claim.emailId}::uuid AND ${emailLogs.claimedUntil} = ${claim.until}::timestamptz`,
    );
}
