import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { LIMITS } from "../limits.ts";
import type { Account } from "../schemas.ts";
import type { Tokens } from "../session-schemas.ts";
import { assuranceLevel } from "./assurance-level.ts";
import { signRefreshToken, type RefreshClaim } from "./refresh-token.ts";
import { signAccessToken } from "./sign-access-token.ts";

/**
 * The tokens of a session at a position of its counter, with the account they are for.
 * @param secondFactorAt when a second factor was last proved in this session
 */
export async function issueTokens(
  context: Context<Env>,
  user: Account,
  claim: RefreshClaim,
  secondFactorAt: Date | null,
): Promise<Tokens> {
  return {
    accessToken: await signAccessToken(
      context,
      user,
      claim.sessionId,
      assuranceLevel(context, secondFactorAt),
    ),
    refreshToken: signRefreshToken(claim, context.env.REFRESH_KEYS),
    expiresIn: LIMITS.accessToken,
    tokenType: "Bearer",
    user,
  };
}
