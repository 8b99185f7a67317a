import PostalMime, { type Email } from "postal-mime";

/** Who sent a message to whom, as the SMTP dialogue said. */
export interface Envelope {
  from: string;
  to: string[];
}

/** A received message, read. Times are ISO 8601 UTC. */
export interface Message {
  id: string;
  from: string;
  /** The envelope's recipients: Bcc is among them. */
  to: string[];
  subject: string;
  messageId: string;
  receivedAt: string;
  text: string;
  html: string;
  headers: { name: string; value: string }[];
}

/** The message as a mail server stores it: the envelope in front, as Delivered-To headers closed by Return-Path (RFC 5321 4.4). */
export function withEnvelope(raw: Buffer, envelope: Envelope): Buffer {
  const lines = [
    ...envelope.to.map((address) => `Delivered-To: ${address}`),
    `Return-Path: <${envelope.from}>`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n`), raw]);
}

/** Reads a stored message. */
export async function readMessage(id: string, receivedAt: Date, stored: Buffer): Promise<Message> {
  const mail = await PostalMime.parse(stored);
  const envelope = readEnvelope(mail);
  return {
    id,
    ...envelope,
    subject: mail.subject ?? "",
    messageId: mail.messageId ?? "",
    receivedAt: receivedAt.toISOString(),
    text: mail.text ?? "",
    html: mail.html ?? "",
    headers: mail.headers
      .slice(envelope.to.length + 1)
      .map(({ originalKey, value }) => ({ name: originalKey, value })),
  };
}

// Only the headers in front are ours: the sender may have written Delivered-To too.
function readEnvelope({ headers }: Email): Envelope {
  const end = headers.findIndex(({ key }) => key === "return-path");
  return {
    from: headers[end]?.value.replace(/^<|>$/g, "") ?? "",
    to: headers.slice(0, Math.max(end, 0)).map(({ value }) => value),
  };
}
