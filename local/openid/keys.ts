import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWK, type JWTPayload } from "jose";
import type { Script } from "./script.ts";

interface SigningKey {
  privateKey: CryptoKey;
  published: JWK;
}

async function newKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  return { privateKey, published: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
}

/** The signing keys of one provider: one at a time, and one that nobody knows. */
export class ProviderKeys {
  #current: SigningKey;
  readonly #stranger: SigningKey;
  #count = 1;

  private constructor(current: SigningKey, stranger: SigningKey) {
    this.#current = current;
    this.#stranger = stranger;
  }

  static async generate(): Promise<ProviderKeys> {
    return new ProviderKeys(await newKey("key-1"), await newKey("key-1"));
  }

  published(): { keys: JWK[] } {
    return { keys: [this.#current.published] };
  }

  /** A new key in place of the old one, which is published no more. */
  async rotate(): Promise<void> {
    this.#count += 1;
    this.#current = await newKey(`key-${this.#count}`);
  }

  /** @param secret the client's, which must not pass for a key */
  async sign(claims: JWTPayload, signed: Script["signed"], secret: string): Promise<string> {
    const kid = this.#current.published.kid ?? "";
    const jwt = new SignJWT(claims);
    if (signed === "none") return new UnsecuredJWT(claims).encode();
    if (signed === "secret")
      return jwt.setProtectedHeader({ alg: "HS256", kid }).sign(new TextEncoder().encode(secret));
    const { privateKey } = signed === "stranger" ? this.#stranger : this.#current;
    const token = await jwt.setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
    return signed === "nobody" ? token.replace(/\.[^.]*$/, ".") : token;
  }
}
