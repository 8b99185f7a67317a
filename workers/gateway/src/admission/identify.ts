import type { Actor } from "@souk/kit/actor";
import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { refuseRevoked } from "../services/refuse-revoked.ts";
import { verifyApiKey } from "../services/verify-api-key.ts";
import { verifyToken } from "../services/verify-token.ts";

/** No access token begins so. */
const API_KEY = /^Bearer (souk_\w{1,200})$/i;
const READS = new Set(["GET", "HEAD"]);

/**
 * The verified actor of a request that sent a token or an API key. A bad one is refused on public routes too, so that a client learns at
 * once that it must refresh. The token of a session that has ended is refused too.
 * @throws AppError unauthorized, unavailable
 */
export async function identify(context: Context<Env>, authorization: string, method: string): Promise<Actor> {
  const apiKey = API_KEY.exec(authorization)?.[1];
  if (apiKey !== undefined) return verifyApiKey(context, apiKey);
  const known = verifyToken(context, authorization);
  const actor = known instanceof Promise ? await known : known;
  const asked = refuseRevoked(context, actor, !READS.has(method));
  if (asked !== undefined) await asked;
  return actor;
}
