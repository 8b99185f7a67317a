import { exports } from "cloudflare:workers";
import { totpFactors } from "@souk/db/schema/auth-second-factor";
import { unseal } from "@souk/kit/envelope";
import { eq } from "drizzle-orm";
import { Enrolment, RecoveryCodes, SecondFactorChallenge } from "../src/second-factor-schemas.ts";
import { TOTP_PURPOSE } from "../src/services/prove-factor.ts";
import { totpCode, totpStep } from "../src/services/totp.ts";
import { actorHeader, contextAt, loggedIn, login, owner, PASSWORD, post, storedUser } from "./actions.ts";

/** A request of the logged-in with another method than POST. */
export const ask = (method: string, path: string, headers: Record<string, string>): Promise<Response> =>
  exports.default.fetch(`https://souk.test/api/v1/auth/${path}`, { method, headers });

/** The secret of a person's authenticator, as the database keeps it. */
export async function secretOf(userId: string): Promise<Buffer> {
  const [factor] = await owner.select().from(totpFactors).where(eq(totpFactors.userId, userId));
  if (factor === undefined) throw new Error("no factor");
  const place = { purpose: TOTP_PURPOSE, rowId: factor.id };
  return Buffer.from(await unseal(contextAt().env.DATA_KEYS, factor.sealedSecret, place), "base64url");
}

/** A code that is good now; `steps` away from the present one. */
export const codeOf = async (userId: string, steps = 0): Promise<string> =>
  totpCode(await secretOf(userId), totpStep(new Date()) + steps);

/** Lets codes of the present step be used once more. */
export const freshCodes = (userId: string): Promise<unknown> =>
  owner.update(totpFactors).set({ lastStep: 0 }).where(eq(totpFactors.userId, userId));

/** A person with a second factor, and the session that turned it on. */
export async function protectedUser() {
  const user = await storedUser();
  const tokens = await loggedIn(user.email);
  const headers = actorHeader(tokens.accessToken);
  Enrolment.parse(await (await post("second-factor", { password: PASSWORD }, headers)).json());
  const confirmed = await post("second-factor/confirm", { code: await codeOf(user.id) }, headers);
  const { recoveryCodes } = RecoveryCodes.parse(await confirmed.json());
  await freshCodes(user.id);
  return { ...user, tokens, headers, recoveryCodes };
}

/** The challenge of a log-in by password. */
export async function challengeOf(email: string): Promise<string> {
  return SecondFactorChallenge.parse(await (await login(email)).json()).challenge;
}
