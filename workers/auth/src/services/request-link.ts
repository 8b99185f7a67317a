import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Authorization, LinkRequest } from "../provider-schemas.ts";
import { findProvider } from "./find-provider.ts";
import { provePassword } from "./prove-password.ts";
import { startAuthorization } from "./start-authorization.ts";

/**
 * Begins to link an identity of a provider to the actor's account: a new way in, so the password is asked for.
 * @throws AppError unauthorized when the session has ended; not_found: no such provider; validation_failed (`password`, `redirectUri`);
 * second_factor_required; fresh_login_required; unavailable when the provider fails
 */
export async function requestLink(context: Context<Env>, input: LinkRequest): Promise<Authorization> {
  const provider = findProvider(context, input.provider);
  const { userId } = await provePassword(context, input.password);
  return startAuthorization(context, provider, input.redirectUri, userId);
}
