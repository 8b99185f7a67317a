import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Env } from "../env.ts";
import type { OpenidProvider } from "../openid-providers.ts";

/** A provider of the configuration, with its client secret. */
export type Provider = OpenidProvider & { clientSecret: string };

/** @throws AppError not_found: no such provider is configured; Error when its secret is not there */
export function findProvider({ env }: Context<Env>, id: string): Provider {
  const provider = env.OPENID_PROVIDERS.find((one) => one.id === id);
  if (provider === undefined) throw new AppError("not_found", "There is no such provider.");
  const clientSecret = env.OPENID_SECRETS[id];
  if (clientSecret === undefined) throw new Error(`OPENID_SECRETS has no secret of ${id}`);
  return { ...provider, clientSecret };
}
