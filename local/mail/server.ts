import { serve } from "../serve.ts";
import type { MailFault } from "./faults.ts";
import { inboxApp } from "./inbox.ts";
import { Mailbox } from "./mailbox.ts";
import { startSmtp } from "./smtp.ts";

export interface MailOptions {
  /** Folder of the `.eml` files. */
  dir: string;
  /** Ports on 127.0.0.1; free ones when not given. */
  smtpPort?: number | undefined;
  inboxPort?: number | undefined;
}

export interface Mail {
  smtpPort: number;
  /** Address of the inbox page and its API. */
  url: string;
  close(): Promise<void>;
}

/**
 * A mail server: takes every mail by SMTP and shows it in an inbox over HTTP.
 * @throws StartError when a port is taken
 */
export async function startMail(options: MailOptions): Promise<Mail> {
  const mailbox = await Mailbox.open(options.dir);
  let fault: MailFault = { mode: "none", delayMs: 0 };
  const smtp = await startSmtp(mailbox, () => fault, options.smtpPort);
  try {
    const app = inboxApp(mailbox, (next) => (fault = next));
    const inbox = await serve(app.fetch, {
      port: options.inboxPort,
      purpose: "the inbox",
      variable: "SOUK_PORT_INBOX",
    });
    return {
      smtpPort: smtp.port,
      url: inbox.url,
      close: async () => void (await Promise.all([smtp.close(), inbox.close()])),
    };
  } catch (error) {
    await smtp.close();
    throw error;
  }
}
