import { Readable } from "node:stream";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { SmtpSettings, SmtpTimeouts } from "./smtp.ts";

/** Calls back once, with the error or with what came of it. */
type Done<T> = (error: Error | null | undefined, value?: T) => void;

const failure = (code: string, text: string): Error => Object.assign(new Error(text), { code });

/** One connection to the mail server, which takes one mail after the other. Each step ends with the connection or the time at the latest. */
export class SmtpSession {
  readonly #settings: SmtpSettings;
  readonly #connection: SMTPConnection;
  #fail: (error: Error) => void = () => {};

  constructor(settings: SmtpSettings, timeouts: SmtpTimeouts) {
    this.#settings = settings;
    this.#connection = new SMTPConnection({
      host: settings.SMTP_HOST,
      port: settings.SMTP_PORT,
      secure: settings.SMTP_TLS === "implicit",
      requireTLS: settings.SMTP_TLS === "starttls",
      ignoreTLS: settings.SMTP_TLS === "none",
      name: settings.MAIL_FROM.domain,
      connectionTimeout: timeouts.connect,
      greetingTimeout: timeouts.greeting,
      socketTimeout: timeouts.silence,
      socketCloseTimeout: 1_000,
    });
    this.#connection.on("error", (error) => this.#fail(error));
    // A 421 ends the connection first and then fails the message; during log in it does only the former.
    this.#connection.once("end", () =>
      queueMicrotask(() => this.#fail(failure("ECONNECTION", "Connection ended"))),
    );
  }

  /** False once the connection has ended, from whichever side. */
  get alive(): boolean {
    return !this.#connection.destroyed;
  }

  /** Connects and, with a user, logs in. */
  async open(within: AbortSignal): Promise<void> {
    const { SMTP_USER: user, SMTP_PASSWORD: pass } = this.#settings;
    await this.#step<void>(within, (done) => this.#connection.connect(done));
    if (user === "") return;
    await this.#step(within, (done) => this.#connection.login({ credentials: { user, pass } }, done));
  }

  /** Makes the server forget a mail that it refused (RSET, RFC 5321 4.1.1.5). */
  async reset(within: AbortSignal): Promise<void> {
    await this.#step(within, (done) => this.#connection.reset(done));
  }

  /**
   * Hands over one mail.
   * @param handedOver called when the whole message has been; nodemailer reports a broken connection alike before and after
   * @returns the code of the server's consent, null where it has none
   */
  async send(
    to: string,
    message: Buffer,
    within: AbortSignal,
    handedOver: () => void,
  ): Promise<number | null> {
    const body = Readable.from([message]).once("end", handedOver);
    const info = await this.#step<{ response: string }>(within, (done) =>
      this.#connection.send({ from: this.#settings.MAIL_FROM.address, to: [to] }, body, done),
    );
    return Number.parseInt(info?.response ?? "", 10) || null;
  }

  close(): void {
    this.#connection.close();
  }

  #step<T>(within: AbortSignal, begin: (done: Done<T>) => void): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const late = () => reject(failure("ETIMEDOUT", "The conversation took too long"));
      if (within.aborted) return late();
      within.addEventListener("abort", late, { once: true });
      this.#fail = reject;
      begin((error, value) => (error ? reject(error) : resolve(value)));
    });
  }
}
