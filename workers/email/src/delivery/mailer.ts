/** A mail ready to go. */
export interface OutgoingMail {
  messageId: string;
  to: { name: string; address: string };
  subject: string;
  html: string;
  text: string;
}

interface Failure {
  /** `smtp_550` where the server replied, else the library's code such as `ETIMEDOUT`. */
  code: string;
  text: string;
  responseCode: number | null;
}

/**
 * What became of one try:
 * `sent` the server took it; `refused` for good; `deferred` surely not taken, a later try may succeed;
 * `uncertain` the whole message was handed over and no answer came back.
 */
export type Outcome =
  | { outcome: "sent"; responseCode: number | null }
  | ({ outcome: "refused" | "deferred" | "uncertain" } & Failure);

/** Sends mail. Every failure is an outcome; it throws only on a mistake of ours. */
export interface Mailer {
  send(mail: OutgoingMail): Promise<Outcome>;
  /** Ends the connections kept for the next mail. */
  close(): void;
}
