import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { KeySet } from "../schemas.ts";

/** The public halves of all signing keys, as a JWK set. */
export const publishKeys = ({ env }: Context<Env>): KeySet => ({
  keys: env.JWT_KEYS.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: "ES256", use: "sig" })),
});
