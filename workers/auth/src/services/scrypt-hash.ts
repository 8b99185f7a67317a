import { scrypt } from "node:crypto";

/** Cost of a scrypt hash: N = 2^ln, block size r, parallelism p. */
export interface ScryptCost {
  ln: number;
  r: number;
  p: number;
}

export interface ScryptHash extends ScryptCost {
  salt: Uint8Array;
  hash: Uint8Array;
}

/**
 * The cost of new hashes: N = 2^15, r = 8, p = 3 (32 MB), one of the settings of equal strength in OWASP's Password Storage Cheat
 * Sheet. Its first choice, 2^17, takes 128 MB, all that an isolate has.
 */
export const SCRYPT: ScryptCost = { ln: 15, r: 8, p: 3 };
export const HASH_BYTES = 32;
export const SALT_BYTES = 16;
const MAX_MEMORY = 64 * 1024 * 1024;

const PHC =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/**
 * The scrypt hash of a password, as raw bytes. The password is normalised (NFKC, NIST SP 800-63B), so that each keyboard's form of a
 * letter gives the same hash.
 * @throws Error when the cost needs more than 64 MB
 */
export function scryptBytes(
  password: string,
  salt: Uint8Array,
  bytes: number,
  { ln, r, p }: ScryptCost,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, bytes, { N: 2 ** ln, r, p, maxmem: MAX_MEMORY }, (error, hash) =>
      error ? reject(error) : resolve(hash),
    );
  });
}

/** A hash in PHC string form: `$scrypt$ln=15,r=8,p=3$salt$hash`, base64 without padding. */
export const formatScrypt = ({ ln, r, p, salt, hash }: ScryptHash): string =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${toBase64(salt)}$${toBase64(hash)}`;

/** The parts of a PHC string, or null when it is not one of scrypt. */
export function parseScrypt(text: string): ScryptHash | null {
  const [, ln, r, p, salt, hash] = PHC.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return null;
  return { ln: Number(ln), r: Number(r), p: Number(p), salt: fromBase64(salt), hash: fromBase64(hash) };
}
