import MailComposer from "nodemailer/lib/mail-composer";
import type { OutgoingMail } from "./mailer.ts";
import type { Sender } from "./sender.ts";

/** A mail as it travels (RFC 5322): HTML beside text, with the Message-ID it was given. Files and addresses in it are never fetched. */
export const composeMail = (from: Sender, mail: OutgoingMail): Promise<Buffer> =>
  new MailComposer({
    from: { name: from.name, address: from.address },
    to: mail.to,
    messageId: mail.messageId,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
