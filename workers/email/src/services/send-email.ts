import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { Contact } from "@souk/kit/rpc";
import { ExponentialBackoff, handleAll, retry } from "cockatiel";
import { claimEmail, type Claim } from "../delivery/claim-email.ts";
import { handOver } from "../delivery/hand-over.ts";
import type { Outcome } from "../delivery/mailer.ts";
import { recordFailure, recordSent, recordWithheld } from "../delivery/record-outcome.ts";
import { startAttempt } from "../delivery/start-attempt.ts";
import type { Env } from "../env.ts";
import type { TemplateName, VariablesOf } from "../templates/catalogue.ts";
import { newestTemplate } from "../templates/newest-template.ts";
import { renderTemplate } from "../templates/render-template.ts";

/** Whom to write to and what to fill in, or why not to write. */
type Prepared<N extends TemplateName> = { to: Contact; variables: VariablesOf<N> } | "suppressed" | "skipped";

interface Mail<N extends TemplateName> {
  template: N;
  userId: string;
  /** Asks the owners of address and link; called only by the delivery that holds the claim. */
  prepare: () => Promise<Prepared<N>>;
}

/** Mails to addresses that nobody has confirmed name nobody. */
const UNCONFIRMED: readonly TemplateName[] = ["verify-email", "join-email"];

/** The server has the mail by now: losing the record would send it twice. Within the claim's time, with the statements' own timeout. */
const keepTrying = retry(handleAll, {
  maxAttempts: 4,
  backoff: new ExponentialBackoff({ initialDelay: 1_000, maxDelay: 8_000 }),
});

/** Prepares, renders and hands over a claimed mail. @returns what became of it, null when it was withheld */
async function deliver<N extends TemplateName>(
  context: Context<Env>,
  mail: Mail<N>,
  claimed: Claim,
): Promise<{ claim: Claim; attemptId: string; outcome: Outcome } | null> {
  const prepared = await mail.prepare();
  if (prepared === "suppressed" || prepared === "skipped") {
    await recordWithheld(context, claimed, prepared);
    context.log.info("email withheld", {
      emailId: claimed.emailId,
      template: mail.template,
      status: prepared,
    });
    return null;
  }
  const template = await newestTemplate(context, mail.template);
  const content = renderTemplate(mail.template, template, prepared.variables);
  const { email, firstName, lastName } = prepared.to;
  const { attemptId, claim } = await startAttempt(context, claimed, {
    recipient: email,
    subject: content.subject,
    templateVersion: template.version,
  });
  const to = { name: UNCONFIRMED.includes(mail.template) ? "" : `${firstName} ${lastName}`, address: email };
  return {
    claim,
    attemptId,
    outcome: await handOver(context, { messageId: claim.messageId, to, ...content }),
  };
}

/**
 * Sends the mail that an event asks for, once: claims it, hands it to the mail server, records the outcome with its event.
 * A repeat of a finished mail does nothing; a refusal for good ends in `email.failed`.
 * @param eventId a mail is sent once for each event and template
 * @param delivery the last one ends in `email.failed` as well
 * @throws Error when a later delivery of the event must try (again)
 */
export async function sendEmail<N extends TemplateName>(
  context: Context<Env>,
  delivery: DeliveryAttempt,
  eventId: string,
  mail: Mail<N>,
): Promise<void> {
  const claimed = await claimEmail(context, eventId, mail);
  if (claimed === "done")
    return context.log.info("email finished before", { eventId, template: mail.template });
  if (claimed === "busy") throw new Error("Another delivery works on this mail");
  const final = delivery.last;

  const delivered = await deliver(context, mail, claimed).catch(async (error: unknown) => {
    const status = final ? "failed" : "claimed";
    await recordFailure(context, claimed, { status, permanent: false, final, code: "not_prepared" });
    throw error;
  });
  if (delivered === null) return;

  const { claim, attemptId, outcome } = delivered;
  const fields = {
    emailId: claim.emailId,
    template: mail.template,
    outcome: outcome.outcome,
    responseCode: outcome.responseCode,
  };
  if (outcome.outcome === "sent") {
    await keepTrying.execute(() => recordSent(context, claim, attemptId, outcome));
    return context.log.info("email sent", fields);
  }
  const { code } = outcome;
  const attempt = { id: attemptId, outcome };
  if (outcome.outcome === "refused") {
    await recordFailure(context, claim, { status: "failed", permanent: true, final: true, code, attempt });
    return context.log.warn("email refused", { ...fields, code });
  }
  const retried = final ? "failed" : "claimed";
  const status = outcome.outcome === "uncertain" ? "uncertain" : retried;
  await recordFailure(context, claim, { status, permanent: false, final, code, attempt });
  throw new Error(`Mail ${claim.emailId} ${outcome.outcome}: ${code}`);
}
