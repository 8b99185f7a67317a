import { maskText } from "@souk/kit/mask";
import { composeMail } from "./compose-mail.ts";
import type { Mailer, Outcome } from "./mailer.ts";
import type { Sender } from "./sender.ts";
import { SmtpSession } from "./smtp-session.ts";

export interface SmtpSettings {
  SMTP_HOST: string;
  SMTP_PORT: number;
  SMTP_TLS: "starttls" | "implicit" | "none";
  SMTP_USER: string;
  SMTP_PASSWORD: string;
  MAIL_FROM: Sender;
}

/** Milliseconds. `total` bounds all that one mail takes, since `silence` begins anew with every byte. */
export interface SmtpTimeouts {
  connect: number;
  greeting: number;
  silence: number;
  total: number;
}

const TIMEOUTS: SmtpTimeouts = { connect: 5_000, greeting: 5_000, silence: 10_000, total: 30_000 };

type Stage = "session" | "message" | "handed over";

/** Replies that tell of the session, not of the mail: RFC 5321 4.3.2 and RFC 4954 6. */
const ABOUT_THE_SESSION = [421, 503, 530];

/** Says what a failure means for the mail. Replies: RFC 5321 4.2.1 and 4.2.3. */
function failureOf(error: unknown, stage: Stage): Outcome {
  if (!(error instanceof Error)) throw error;
  const responseCode =
    "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : null;
  const libraryCode = "code" in error && typeof error.code === "string" ? error.code : error.name;
  const failure = {
    code: responseCode === null ? libraryCode : `smtp_${responseCode}`,
    text: maskText(error.message).slice(0, 500),
    responseCode,
  };
  if (responseCode === null && stage === "handed over") return { outcome: "uncertain", ...failure };
  const aboutTheMail =
    stage !== "session" && (responseCode === null || !ABOUT_THE_SESSION.includes(responseCode));
  const permanent = responseCode === null ? libraryCode === "EENVELOPE" : responseCode >= 500;
  return { outcome: permanent && aboutTheMail ? "refused" : "deferred", ...failure };
}

/** A connection that waits for its next mail, and whether the server must first forget the last. */
interface Idle {
  session: SmtpSession;
  unclean: boolean;
}

/**
 * Mail over SMTP. A connection that the server has answered on takes the next mail too, one at a time; mails at the same time have
 * one each. A failure without an answer ends the connection and concerns the mail in flight alone.
 */
export function smtpMailer(settings: SmtpSettings, timeouts: SmtpTimeouts = TIMEOUTS): Mailer {
  const waiting: Idle[] = [];

  /** One mail over one connection, which is kept if it may take another. */
  const converse = async (
    { session, ready }: { session: SmtpSession; ready: () => Promise<void> },
    { to, message, within }: { to: string; message: Buffer; within: AbortSignal },
  ): Promise<Outcome> => {
    let stage: Stage = "session";
    let outcome: Outcome;
    try {
      await ready();
      stage = "message";
      const responseCode = await session.send(to, message, within, () => (stage = "handed over"));
      outcome = { outcome: "sent", responseCode };
    } catch (error) {
      outcome = failureOf(error, stage);
    }
    const { responseCode } = outcome;
    const answered =
      outcome.outcome === "sent" || (responseCode !== null && !ABOUT_THE_SESSION.includes(responseCode));
    if (answered && stage !== "session" && session.alive)
      waiting.push({ session, unclean: outcome.outcome !== "sent" });
    else session.close();
    return outcome;
  };

  return {
    async send(mail) {
      const message = composeMail(settings.MAIL_FROM, mail);
      const within = AbortSignal.timeout(timeouts.total);
      const task = { to: mail.to.address, message, within };
      const kept = waiting.pop();
      if (kept !== undefined) {
        const { session, unclean } = kept;
        const ready = async () => (unclean ? session.reset(within) : undefined);
        const outcome = await converse({ session, ready }, task);
        // The server may end an old connection at any time. The message was not handed over: a new one may take it at once.
        if (outcome.outcome !== "deferred" || session.alive || within.aborted) return outcome;
      }
      const session = new SmtpSession(settings, timeouts);
      return converse({ session, ready: () => session.open(within) }, task);
    },
    close() {
      for (const { session } of waiting.splice(0)) session.close();
    },
  };
}
