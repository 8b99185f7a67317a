import { decodeClientDataJSON } from "@simplewebauthn/server/helpers";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { describeError } from "@souk/kit/log";
import { hashOneTimeToken } from "./one-time-token.ts";

/** The error of a passkey that does not count: whatever is wrong with it, who asks learns no more. */
export const invalidPasskey = (cause?: unknown): AppError =>
  new AppError("invalid_passkey", "It is unknown, used, expired or not yours. Begin again.", { cause });

/** Has the library look at an authenticator's answer; whatever it finds is told in the log. @throws AppError invalid_passkey */
export async function withPasskey<T>(
  context: Context,
  facts: { userId?: string; authenticator?: string },
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    context.log.warn("a passkey was refused", { ...facts, error: describeError(error) });
    throw invalidPasskey(error);
  }
}

/** The challenge that an answer is to, and by what it is known here. @throws AppError invalid_passkey */
export async function challengeOf(
  context: Context,
  { clientDataJSON }: { clientDataJSON: string },
): Promise<{ challenge: string; hash: string }> {
  const { challenge } = await withPasskey(context, {}, () => decodeClientDataJSON(clientDataJSON));
  if (typeof challenge !== "string") throw invalidPasskey();
  return { challenge, hash: hashOneTimeToken(challenge) };
}
