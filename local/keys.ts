import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";

/** A new private ES256 key as `auth` takes it in JWT_KEYS. */
export async function newSigningKey() {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString("hex"), alg: "ES256", use: "sig" };
}

/** A new secret, e.g. as `auth` takes them in REFRESH_KEYS and DATA_KEYS: 32 bytes in base64url. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

if (import.meta.main) {
  console.log(`JWT_KEYS ${JSON.stringify([await newSigningKey()])}`);
  console.log(`REFRESH_KEYS ${JSON.stringify([newSecret()])}`);
  console.log(`DATA_KEYS ${JSON.stringify([newSecret()])}`);
}
