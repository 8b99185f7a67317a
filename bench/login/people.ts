import { createHash } from "node:crypto";
import type { Client } from "pg";
import {
  formatScrypt,
  HASH_BYTES,
  SALT_BYTES,
  SCRYPT,
  scryptBytes,
} from "../../workers/auth/src/services/scrypt-hash.ts";

/** The digest that takes scrypt's place; as long as our hashes are. */
export const CHEAP_HASH = "sha256";

const PASSWORD = "Correct-horse-1";

/** Verified accounts with one password, whose hash is scrypt's, or the digest that takes its place. */
export async function seedAccounts(client: Client, name: string, count: number, cheap: boolean) {
  const salt = new Uint8Array(SALT_BYTES);
  const hash = cheap
    ? createHash(CHEAP_HASH).update(PASSWORD).update(salt).digest()
    : await scryptBytes(PASSWORD, salt, HASH_BYTES, SCRYPT);
  const people = Array.from({ length: count }, (_, n) => ({
    id: crypto.randomUUID(),
    email: `${name}${n}@souk.test`,
  }));
  await client.query(
    `INSERT INTO auth.users (id, email, password_hash, first_name, last_name, status, verified_at)
     SELECT p.id, p.email, $2, 'Ada', 'Lovelace', 'active', now() FROM jsonb_to_recordset($1::jsonb) AS p(id uuid, email text)`,
    [JSON.stringify(people), formatScrypt({ ...SCRYPT, salt, hash })],
  );
  return people.map(({ email }) => ({ email, password: PASSWORD }));
}
