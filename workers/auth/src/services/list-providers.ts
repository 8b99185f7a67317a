import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Providers } from "../provider-schemas.ts";

/** The providers that people can sign in with, as the operator ordered them. */
export const listProviders = ({ env }: Context<Env>): Providers => ({
  items: env.OPENID_PROVIDERS.map(({ id, name }) => ({ id, name })),
  nextCursor: null,
});
