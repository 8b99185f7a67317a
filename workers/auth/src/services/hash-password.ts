import { randomBytes } from "node:crypto";
import { formatScrypt, HASH_BYTES, SALT_BYTES, SCRYPT, scryptBytes } from "./scrypt-hash.ts";

/** A new salted hash of a password, in PHC string form, at today's cost. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return formatScrypt({ ...SCRYPT, salt, hash: await scryptBytes(password, salt, HASH_BYTES, SCRYPT) });
}
