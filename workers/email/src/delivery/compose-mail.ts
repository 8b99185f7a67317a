import MailComposer from "nodemailer/lib/mail-composer";
import { encode, wrap } from "nodemailer/lib/qp";
import type { OutgoingMail } from "./mailer.ts";
import type { Sender } from "./sender.ts";

const LINE_LENGTH = 76;
const quotedPrintable = (text: string): string => wrap(encode(text.replace(/\r?\n/g, "\r\n")), LINE_LENGTH);

/**
 * A mail as it travels (RFC 5322): HTML beside text, with the Message-ID it was given. Files and addresses in it are never fetched.
 * The headers are nodemailer's. Its own way to put the parts together waits for a timer at each step, 40 ms a mail in a Worker.
 */
export function composeMail(from: Sender, mail: OutgoingMail): Buffer {
  const whole = new MailComposer({
    from: { name: from.name, address: from.address },
    to: mail.to,
    messageId: mail.messageId,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const head = whole.buildHeaders();
  const parts = [mail.text, mail.html].map((text, n) => {
    const part = whole.childNodes[n];
    if (part === undefined) throw new Error("A mail has two parts");
    part.setHeader("Content-Transfer-Encoding", "quoted-printable");
    return `--${whole.boundary}\r\n${part.buildHeaders()}\r\n\r\n${quotedPrintable(text)}\r\n`;
  });
  return Buffer.from(`${head}\r\n\r\n${parts.join("")}--${whole.boundary}--\r\n`);
}
