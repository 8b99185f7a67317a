import { z } from "zod";

const MAILBOX =
  /^(?:(?<name>[^<>\p{Cc}]*?)\s*<(?<inner>[^<>\s@]+@[a-z0-9.-]+)>|(?<bare>[^<>\s@]+@[a-z0-9.-]+))$/iu;

/** Whom mails come from, written `Souk <no-reply@souk.example>` or as a bare address. */
export const Sender = z.string().transform((text, context) => {
  const { name = "", inner, bare } = MAILBOX.exec(text)?.groups ?? {};
  const address = inner ?? bare;
  if (address === undefined) {
    context.addIssue({ code: "custom", message: "not a mail address" });
    return z.NEVER;
  }
  return { name, address, domain: address.slice(address.indexOf("@") + 1) };
});
export type Sender = z.infer<typeof Sender>;
