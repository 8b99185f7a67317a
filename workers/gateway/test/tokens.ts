import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { tell } from "./domain-workers.ts";

export const USER_ID = "019a0000-0000-7000-8000-000000000001";
export const SESSION_ID = "019a0000-0000-7000-8000-000000000002";
const ISSUER = "https://souk.test";
const AUDIENCE = "souk";

/** A key pair that `auth` could have made. */
export async function signingKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  return {
    kid,
    privateKey,
    publicKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" },
  };
}
export type SigningKey = Awaited<ReturnType<typeof signingKey>>;

/** Makes the stub of `auth` publish these keys. */
export const publish = (...keys: SigningKey[]): Promise<void> =>
  tell("auth", { jwks: { keys: keys.map((key) => key.publicJwk) } });

interface Unusual {
  userId?: string;
  role?: string;
  issuer?: string;
  audience?: string;
  /** Seconds from now. */
  expiresIn?: number;
  kid?: string;
  /** Null: none. */
  typ?: string | null;
  /** Claims to leave out. */
  without?: string[];
}

/** An access token as `auth` signs it, save for what is unusual about it. */
export function accessToken(key: SigningKey, unusual: Unusual = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: unusual.issuer ?? ISSUER,
    aud: unusual.audience ?? AUDIENCE,
    iat: now,
    exp: now + (unusual.expiresIn ?? 3600),
    sub: unusual.userId ?? USER_ID,
    userId: unusual.userId ?? USER_ID,
    email: "ada@example.com",
    role: unusual.role ?? "user",
    sid: SESSION_ID,
    jti: crypto.randomUUID(),
  };
  const kept = Object.fromEntries(
    Object.entries(claims).filter(([name]) => !unusual.without?.includes(name)),
  );
  return new SignJWT(kept)
    .setProtectedHeader({
      alg: "ES256",
      kid: unusual.kid ?? key.kid,
      ...(unusual.typ !== null && { typ: unusual.typ ?? "JWT" }),
    })
    .sign(key.privateKey);
}
