import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Account } from "../schemas.ts";
import type { SecondFactorChallenge, TokensWithDevice } from "../second-factor-schemas.ts";
import type { SignInWay } from "../security-event-schemas.ts";
import type { Device } from "../session-schemas.ts";
import { newDeviceToken } from "./device-token.ts";
import { issueFirstTokens } from "./issue-first-tokens.ts";
import { openChallenge } from "./open-challenge.ts";
import { openSession, type Proof } from "./open-session.ts";

interface Proved {
  user: Account;
  /** The version of the password that was proved, or was there when something else was. */
  passwordVersion: number;
  /** A new hash of the same password, or null to keep the stored one. */
  newHash: string | null;
  secondFactor: boolean;
  /** The trusted device, which needs no second factor. */
  deviceId: string | null;
  way: SignInWay;
  /** The attempt in the security log, where it was entered. */
  failureId: string | null;
  /** Where a known device's failures are counted; null: it is not known. */
  bucket: string | null;
  /** What else must hold; trust in the device among it. */
  proof?: Proof | undefined;
}

/**
 * The end of every log-in by a first factor: a new session, or with a second factor, on a device that is not trusted, a challenge and no
 * session. A device that shows no token of this account gets one.
 * @returns null when what was proved holds no more: the account was banned, changed or erased meanwhile, or the other proof fails
 */
export async function finishLogIn(
  context: Context<Env>,
  { user, secondFactor, deviceId, ...proved }: Proved,
  device: Device,
): Promise<TokensWithDevice | SecondFactorChallenge | null> {
  const { id: userId, role } = user;
  if (secondFactor && deviceId === null) return openChallenge(context, { userId, ...proved });
  const sessionId = await openSession(context, { userId, role, device, ...proved });
  if (sessionId === null) return null;
  const tokens = await issueFirstTokens(context, user, sessionId, null);
  if (proved.bucket !== null || deviceId !== null) return tokens;
  return { ...tokens, deviceToken: newDeviceToken(context, { userId, ...proved }) };
}
