import { importJWK, SignJWT } from "jose";
import type { LocalSecrets } from "../../local/secrets.ts";
import { PUBLIC_URL } from "./environment.ts";

/** An access token as `auth` signs it, good for an hour. */
export async function accessToken(
  { jwtKeys: [key = {}] }: LocalSecrets,
  user: { id: string; email: string },
): Promise<string> {
  const sessionId = crypto.randomUUID();
  return new SignJWT({ userId: user.id, email: user.email, role: "user", sid: sessionId })
    .setProtectedHeader({ alg: "ES256", typ: "JWT", kid: String(key["kid"]) })
    .setSubject(user.id)
    .setJti(crypto.randomUUID())
    .setIssuer(PUBLIC_URL)
    .setAudience("souk")
    .setIssuedAt()
    .setExpirationTime("1 hour")
    .sign(await importJWK(key, "ES256"));
}
