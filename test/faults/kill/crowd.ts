import { asOwner } from "@souk/db/operate/owner";
import { uuidv7 } from "@souk/kit/ids";
import { importJWK, type JWK, SignJWT } from "jose";

export interface Member {
  id: string;
  email: string;
  token: string;
}

/** People with a verified account and a token, without the hundred password hashes that the front door would cost. */
export async function newCrowd(
  size: number,
  place: { databaseUrl: string; apiUrl: string; jwtKey: JWK },
): Promise<Member[]> {
  const key = await importJWK(place.jwtKey, "ES256");
  const kid = place.jwtKey.kid ?? "";
  const sign = (id: string, email: string) =>
    new SignJWT({ userId: id, email, role: "admin", sid: crypto.randomUUID() })
      .setProtectedHeader({ alg: "ES256", typ: "JWT", kid })
      .setSubject(id)
      .setJti(crypto.randomUUID())
      .setIssuer(place.apiUrl)
      .setAudience("souk")
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(key);
  const crowd = await Promise.all(
    Array.from({ length: size }, async () => {
      const id = uuidv7(new Date());
      const email = `${id}@example.com`;
      return { id, email, token: await sign(id, email) };
    }),
  );
  await asOwner(place.databaseUrl, async (client) => {
    for (const { id, email } of crowd)
      await client.query(
        `INSERT INTO auth.users (id, email, password_hash, first_name, last_name, status, verified_at)
         VALUES ($1, $2, '$scrypt$none', 'Ada', 'Lovelace', 'active', now())`,
        [id, email],
      );
  });
  return crowd;
}
