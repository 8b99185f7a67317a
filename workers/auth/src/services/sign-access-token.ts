import type { Context } from "@souk/kit/context";
import { PERMISSIONS } from "@souk/kit/permissions";
import { importJWK, SignJWT } from "jose";
import type { Env, SigningKey } from "../env.ts";
import { LIMITS } from "../limits.ts";
import type { Account } from "../schemas.ts";

const imported = new WeakMap<SigningKey, ReturnType<typeof importJWK>>();

/** The key is imported once per isolate. */
function imports(key: SigningKey): ReturnType<typeof importJWK> {
  const known = imported.get(key) ?? importJWK(key, "ES256");
  imported.set(key, known);
  return known;
}

/**
 * An access token (JWT, ES256) of a session, signed by the first key, valid for an hour.
 * Claims: `sub` and `userId`, `email`, `role` (S3-AUTH-12), `permissions` (S4-SEC-01), `sid` (session), `aal` (assurance
 * level), `act` (the admin who acts as the person: RFC 8693, 4.1), `jti`, `iss`, `aud`, `iat`, `exp`.
 */
export async function signAccessToken(
  context: Context<Env>,
  user: Account,
  sessionId: string,
  aal: 1 | 2 = 1,
  impersonatedBy?: string,
): Promise<string> {
  const { env } = context;
  const [key] = env.JWT_KEYS;
  const issuedAt = Math.floor(context.now().getTime() / 1000);
  return new SignJWT({
    userId: user.id,
    email: user.email,
    role: user.role,
    permissions: PERMISSIONS[user.role],
    sid: sessionId,
    aal,
    ...(impersonatedBy !== undefined && { act: { sub: impersonatedBy } }),
  })
    .setProtectedHeader({ alg: "ES256", typ: "JWT", kid: key.kid })
    .setSubject(user.id)
    .setJti(context.newId())
    .setIssuer(env.ISSUER)
    .setAudience(env.AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIMITS.accessToken)
    .sign(await imports(key));
}
