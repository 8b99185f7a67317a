import { base64url } from "jose";
import { z } from "zod";

const KEY_BYTES = 32;
const IV_BYTES = 12;
const ID_BYTES = 6;

/** One secret of DATA_KEYS: 32 bytes in base64url. */
const DataKey = z
  .base64url()
  .transform((text) => new Uint8Array(base64url.decode(text)))
  .refine((bytes) => bytes.length === KEY_BYTES, "is not 32 bytes");

/** The keys that wrap the keys of sealed values, newest first: the first seals, all open. */
export const DataKeys = z.tuple([DataKey], DataKey);
export type DataKeys = z.infer<typeof DataKeys>;
type DataKey = z.infer<typeof DataKey>;

/** What a sealed value is bound to: moved to another column or row it does not open. */
export interface Place {
  purpose: string;
  rowId: string;
}

/** A key's id follows from the key, so that the configuration names none. */
export async function dataKeyId(key: DataKey): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", key);
  return base64url.encode(new Uint8Array(digest, 0, ID_BYTES));
}

const imported = (key: DataKey, usage: "encrypt" | "decrypt"): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);

const algorithm = (iv: Uint8Array<ArrayBuffer>, { purpose, rowId }: Place) => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(JSON.stringify([purpose, rowId])),
});

/** AES-256-GCM by a fresh random nonce, which stands before the ciphertext; base64url. */
async function encrypt(key: DataKey, bytes: Uint8Array<ArrayBuffer>, place: Place): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(algorithm(iv, place), await imported(key, "encrypt"), bytes);
  return base64url.encode(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

async function decrypt(key: DataKey, text: string, place: Place): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(base64url.decode(text));
  const cipher = algorithm(bytes.slice(0, IV_BYTES), place);
  return new Uint8Array(
    await crypto.subtle.decrypt(cipher, await imported(key, "decrypt"), bytes.slice(IV_BYTES)),
  );
}

/**
 * Envelope encryption: the text under a key of its own, and that key under the newest data key.
 * @returns `keyId.wrappedKey.text`, for a text column
 */
export async function seal([newest]: DataKeys, text: string, place: Place): Promise<string> {
  const own = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const parts = [
    await dataKeyId(newest),
    await encrypt(newest, own, place),
    await encrypt(own, new Uint8Array(new TextEncoder().encode(text)), place),
  ];
  return parts.join(".");
}

/**
 * The text of a sealed value.
 * @throws Error when its key is not among these, or it was changed or belongs to another place
 */
export async function unseal(keys: DataKeys, sealed: string, place: Place): Promise<string> {
  const [id, wrapped = "", text = ""] = sealed.split(".");
  for (const key of keys) {
    if ((await dataKeyId(key)) !== id) continue;
    const own = await decrypt(key, wrapped, place);
    return new TextDecoder().decode(await decrypt(own, text, place));
  }
  throw new Error(`A sealed value of ${place.purpose} names a data key that is not there`);
}
