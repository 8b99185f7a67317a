import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";

const CODE_DIGITS = 8;

const derive = (kind: "code" | "token", mailId: string, key: Uint8Array): Buffer =>
  createHmac("sha256", key).update(`souk.mail_sign_in.${kind}.${mailId}`).digest();

/** 2^64 is so many times 10^8 that no code is likelier than another by more than one in 10^11. */
const codeBy = (mailId: string, key: Uint8Array): string =>
  (derive("code", mailId, key).readBigUInt64BE() % 10n ** BigInt(CODE_DIGITS))
    .toString()
    .padStart(CODE_DIGITS, "0");

const tokenBy = (mailId: string, key: Uint8Array): string =>
  derive("token", mailId, key).toString("base64url");

/**
 * What a mail to sign in carries: 8 digits, and 32 bytes for the link. They follow from its id by the first key and are stored nowhere, so a
 * mail that is sent again says the same.
 */
export const mailSignInSecrets = (
  { env }: Context<Env>,
  mailId: string,
): { code: string; token: string } => ({
  code: codeBy(mailId, env.REFRESH_KEYS[0]),
  token: tokenBy(mailId, env.REFRESH_KEYS[0]),
});

/** Whether a code or token is the one of the mail, by any key, in constant time. */
export function isOfMail(
  { env }: Context<Env>,
  mailId: string,
  given: { code: string } | { token: string },
): boolean {
  const text = new TextEncoder();
  return env.REFRESH_KEYS.some((key) => {
    const [shown, expected] =
      "code" in given ? [given.code, codeBy(mailId, key)] : [given.token, tokenBy(mailId, key)];
    const [one, other] = [text.encode(shown), text.encode(expected)];
    return one.length === other.length && timingSafeEqual(one, other);
  });
}
