import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Account } from "../schemas.ts";
import type { Tokens } from "../session-schemas.ts";
import { issueTokens } from "./issue-tokens.ts";

/**
 * The first tokens of a session that was just opened, which made the account active.
 * @param user the account as it was before: the answer says so when it slept or was to be deleted
 * @param secondFactorAt when a second factor was proved for this session
 */
export async function issueFirstTokens(
  context: Context<Env>,
  user: Account,
  sessionId: string,
  secondFactorAt: Date | null,
): Promise<Tokens> {
  const active = { ...user, status: "active" as const };
  const tokens = await issueTokens(context, active, { sessionId, counter: 0 }, secondFactorAt);
  return user.status === "active" ? tokens : { ...tokens, restored: true };
}
