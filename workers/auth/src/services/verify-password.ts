import { timingSafeEqual } from "node:crypto";
import { compare } from "bcryptjs";
import { formatScrypt, HASH_BYTES, parseScrypt, SALT_BYTES, SCRYPT, scryptBytes } from "./scrypt-hash.ts";

const BCRYPT = /^\$2[ab]\$/;
const BCRYPT_BYTES = 72;

/** Compared with when there is no account, so that the answer takes as long. */
const NOBODY = formatScrypt({
  ...SCRYPT,
  salt: new Uint8Array(SALT_BYTES),
  hash: new Uint8Array(HASH_BYTES),
});

interface Verdict {
  matches: boolean;
  /** The hash is of another kind or cost than new ones: hash the password anew. */
  outdated: boolean;
}

/**
 * Compares a password with a stored hash, in constant time.
 * @param stored scrypt in PHC form or bcrypt `$2a$`/`$2b$`; null for an unknown account: the same work, never a match
 * @throws Error when the stored text is neither
 */
export async function verifyPassword(password: string, stored: string | null): Promise<Verdict> {
  if (stored !== null && BCRYPT.test(stored)) {
    // bcrypt reads 72 bytes: what follows would not be checked.
    const fits = new TextEncoder().encode(password).length <= BCRYPT_BYTES;
    return { matches: (await compare(password, stored)) && fits, outdated: true };
  }
  const known = parseScrypt(stored ?? NOBODY);
  if (known === null) throw new Error("A stored password hash is of no known kind");
  const hash = await scryptBytes(password, known.salt, known.hash.length, known);
  return {
    matches: timingSafeEqual(hash, known.hash) && stored !== null,
    outdated:
      known.ln !== SCRYPT.ln ||
      known.r !== SCRYPT.r ||
      known.p !== SCRYPT.p ||
      known.hash.length !== HASH_BYTES,
  };
}
