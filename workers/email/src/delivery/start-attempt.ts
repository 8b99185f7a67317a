import type { Context } from "@souk/kit/context";
import { emailAttempts, emailLogs } from "@souk/db/schema/email";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { claimEnd, type Claim } from "./claim-email.ts";

/**
 * Records that a try begins, right before it does, and renews the claim. A delivery that was too slow and lost its claim stops here.
 * @param content what the mail says and to whom
 * @returns the try's id and the renewed claim
 * @throws Error when the claim was lost
 */
export async function startAttempt(
  context: Context<Env>,
  claim: Claim,
  content: { recipient: string; subject: string; templateVersion: number },
): Promise<{ attemptId: string; claim: Claim }> {
  const attemptId = context.newId();
  const now = context.now().toISOString();
  const until = claimEnd(context);
  const { rows } = await context.db.execute(sql`
    WITH held AS (
      UPDATE ${emailLogs} SET recipient = ${content.recipient}, subject = ${content.subject}, template_version = ${content.templateVersion}::int,
        attempts = attempts + 1, claimed_until = ${until}::timestamptz, updated_at = ${now}::timestamptz
      WHERE id = ${claim.emailId}::uuid AND claimed_until = ${claim.until}::timestamptz
      RETURNING id
    )
    INSERT INTO ${emailAttempts} (id, email_id, started_at) SELECT ${attemptId}::uuid, id, ${now}::timestamptz FROM held RETURNING id`);
  if (rows.length === 0) throw new Error("The claim on the mail was lost");
  return { attemptId, claim: { ...claim, until } };
}
