import { Readable } from "node:stream";
import { maskText } from "@souk/kit/mask";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { composeMail } from "./compose-mail.ts";
import type { Mailer, Outcome, OutgoingMail } from "./mailer.ts";
import type { Sender } from "./sender.ts";

export interface SmtpSettings {
  SMTP_HOST: string;
  SMTP_PORT: number;
  SMTP_TLS: "starttls" | "implicit" | "none";
  SMTP_USER: string;
  SMTP_PASSWORD: string;
  MAIL_FROM: Sender;
}

/** Milliseconds. `total` bounds the whole conversation, since `silence` begins anew with every byte. */
export interface SmtpTimeouts {
  connect: number;
  greeting: number;
  silence: number;
  total: number;
}

const TIMEOUTS: SmtpTimeouts = { connect: 5_000, greeting: 5_000, silence: 10_000, total: 30_000 };

type Stage = "session" | "message" | "handed over";

/** Says what a failure means for the mail. Replies: RFC 5321 4.2.1 and 4.2.3; 503 and 530 tell of the session, not of the mail. */
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
  const aboutTheMail = stage !== "session" && responseCode !== 503 && responseCode !== 530;
  const permanent = responseCode === null ? libraryCode === "EENVELOPE" : responseCode >= 500;
  return { outcome: permanent && aboutTheMail ? "refused" : "deferred", ...failure };
}

/**
 * Mail over SMTP, one connection a mail.
 * nodemailer reports a broken connection alike before and after the message: whether it was handed over is told by its stream's end.
 */
export function smtpMailer(settings: SmtpSettings, timeouts: SmtpTimeouts = TIMEOUTS): Mailer {
  const { SMTP_USER: user, SMTP_PASSWORD: pass, MAIL_FROM: from } = settings;

  const converse = (
    connection: SMTPConnection,
    mail: OutgoingMail,
    message: Buffer,
    at: (stage: Stage) => void,
  ) =>
    new Promise<Outcome>((resolve, reject) => {
      const send = () => {
        at("message");
        const body = Readable.from([message]).once("end", () => at("handed over"));
        connection.send({ from: from.address, to: [mail.to.address] }, body, (error, info) =>
          error
            ? reject(error)
            : resolve({ outcome: "sent", responseCode: Number.parseInt(info?.response ?? "", 10) || null }),
        );
      };
      connection.once("error", reject);
      // A 421 ends the connection first and then fails the message; during log in it does only the former.
      connection.once("end", () =>
        queueMicrotask(() => reject(Object.assign(new Error("Connection ended"), { code: "ECONNECTION" }))),
      );
      AbortSignal.timeout(timeouts.total).addEventListener("abort", () =>
        reject(Object.assign(new Error("The conversation took too long"), { code: "ETIMEDOUT" })),
      );
      connection.connect((error) => {
        if (error) return reject(error);
        if (user === "") return send();
        connection.login({ credentials: { user, pass } }, (refused) => (refused ? reject(refused) : send()));
      });
    });

  return {
    async send(mail) {
      const message = await composeMail(from, mail);
      const connection = new SMTPConnection({
        host: settings.SMTP_HOST,
        port: settings.SMTP_PORT,
        secure: settings.SMTP_TLS === "implicit",
        requireTLS: settings.SMTP_TLS === "starttls",
        ignoreTLS: settings.SMTP_TLS === "none",
        name: from.domain,
        connectionTimeout: timeouts.connect,
        greetingTimeout: timeouts.greeting,
        socketTimeout: timeouts.silence,
        socketCloseTimeout: 1_000,
      });
      let stage: Stage = "session";
      try {
        return await converse(connection, mail, message, (reached) => (stage = reached));
      } catch (error) {
        return failureOf(error, stage);
      } finally {
        connection.close();
      }
    },
  };
}
