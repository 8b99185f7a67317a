import { env, exports } from "cloudflare:workers";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import { passkeys } from "@souk/db/schema/auth-passkeys";
import { eq } from "drizzle-orm";
import { base64url, exportJWK } from "jose";
import { PasskeyChallenge, PasskeyRegistration } from "../src/passkey-schemas.ts";
import { openedSession, owner, PASSWORD, post, storedUser } from "./actions.ts";
import { cheapenPassword } from "./life.ts";

const ORIGIN = "https://app.souk.test";
const RP_ID = "souk.test";

/** Switches passkeys on: the Worker parses its environment at the first request, so a test file does this at its top. */
export const switchPasskeysOn = (): object =>
  Object.assign(env, { PASSKEYS: JSON.stringify({ rpId: RP_ID, origins: [ORIGIN] }) });

const utf8 = (text: string) => Uint8Array.from(new TextEncoder().encode(text));
const joined = (...parts: Iterable<number>[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const uint32 = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);

const FLAGS = { present: 1, verified: 4, backedUp: 24, attested: 64 };
export const PRESENT = FLAGS.present;
const USUAL = FLAGS.present | FLAGS.verified | FLAGS.backedUp;

/** What an authenticator and its browser can be made to do otherwise than they should. */
export interface Otherwise {
  challenge?: string;
  origin?: string;
  rpId?: string;
  type?: string;
  flags?: number;
  counter?: number;
  alg?: number;
  credentialId?: string;
  attestation?: { fmt: string; attStmt: Map<string, number> };
  userHandle?: string | null;
  signature?: string;
}

/** A passkey in a software authenticator: ES256, attestation "none". */
export interface SoftPasskey {
  id: string;
  handle: string;
  counter: number;
  privateKey: CryptoKey;
}

const clientData = (type: string, challenge: string, change: Otherwise) =>
  utf8(
    JSON.stringify({
      type: change.type ?? type,
      challenge: change.challenge ?? challenge,
      origin: change.origin ?? ORIGIN,
      crossOrigin: false,
    }),
  );

async function authenticatorData(counter: number, change: Otherwise, attested?: Uint8Array) {
  const flags = (change.flags ?? USUAL) | (attested === undefined ? 0 : FLAGS.attested);
  return joined(await sha256(utf8(change.rpId ?? RP_ID)), [flags], uint32(counter), attested ?? []);
}

/** An ECDSA signature as X9.62 has it: two integers in DER. */
function der(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const integer = (bytes: Uint8Array) => {
    const digits = [...bytes.subarray(bytes.findIndex((byte) => byte !== 0))];
    const positive = (digits[0] ?? 0) > 127 ? [0, ...digits] : digits;
    return [2, positive.length, ...positive];
  };
  const body = [...integer(raw.subarray(0, 32)), ...integer(raw.subarray(32))];
  return Uint8Array.from([48, body.length, ...body]);
}

/** What `navigator.credentials.create` would give, and the passkey. */
export async function created({ options }: PasskeyRegistration, change: Otherwise = {}) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("not a pair of keys");
  const { x = "", y = "" } = await exportJWK(pair.publicKey);
  const credentialId =
    change.credentialId === undefined
      ? crypto.getRandomValues(new Uint8Array(16))
      : base64url.decode(change.credentialId);
  const cose = isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, change.alg ?? -7],
      [-1, 1],
      [-2, base64url.decode(x)],
      [-3, base64url.decode(y)],
    ]),
  );
  const attested = joined(new Uint8Array(16), [0, credentialId.length], credentialId, cose);
  const { fmt, attStmt } = change.attestation ?? { fmt: "none", attStmt: new Map<string, number>() };
  const attestationObject = isoCBOR.encode(
    new Map<string, string | Map<string, number> | Uint8Array>([
      ["fmt", fmt],
      ["attStmt", attStmt],
      ["authData", await authenticatorData(change.counter ?? 1, change, attested)],
    ]),
  );
  const id = base64url.encode(credentialId);
  const passkey: SoftPasskey = {
    id,
    handle: options.user.id,
    counter: change.counter ?? 1,
    privateKey: pair.privateKey,
  };
  const credential = {
    id,
    rawId: id,
    type: "public-key",
    authenticatorAttachment: "platform",
    clientExtensionResults: { credProps: { rk: true } },
    response: {
      clientDataJSON: base64url.encode(clientData("webauthn.create", options.challenge, change)),
      attestationObject: base64url.encode(attestationObject),
      transports: ["internal", "hybrid"],
      publicKeyAlgorithm: -7,
    },
  };
  return { passkey, credential };
}

/** What `navigator.credentials.get` would give. */
export async function asserted(passkey: SoftPasskey, { options }: PasskeyChallenge, change: Otherwise = {}) {
  passkey.counter += 1;
  const data = await authenticatorData(change.counter ?? passkey.counter, change);
  const client = clientData("webauthn.get", options.challenge, change);
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signed = await crypto.subtle.sign(algorithm, passkey.privateKey, joined(data, await sha256(client)));
  return {
    id: passkey.id,
    rawId: passkey.id,
    type: "public-key",
    clientExtensionResults: {},
    response: {
      clientDataJSON: base64url.encode(client),
      authenticatorData: base64url.encode(data),
      signature: change.signature ?? base64url.encode(der(new Uint8Array(signed))),
      ...(change.userHandle !== null && { userHandle: change.userHandle ?? passkey.handle }),
    },
  };
}

type Headers = Record<string, string>;

export const begunRegistration = async (headers: Headers, password: string | undefined = PASSWORD) =>
  PasskeyRegistration.parse(await (await post("passkey-registrations", { password }, headers)).json());

export const begunSignIn = async () =>
  PasskeyChallenge.parse(await (await post("passkey-challenges", {})).json());

export const sentPasskey = (headers: Headers, credential: object, name = "my phone") =>
  post("passkeys", { name, credential }, headers);

/** Adds a passkey, from beginning to end. */
export async function addedPasskey(headers: Headers, change: Otherwise = {}): Promise<SoftPasskey> {
  const { passkey, credential } = await created(await begunRegistration(headers), change);
  const answer = await sentPasskey(headers, credential);
  if (answer.status !== 201)
    throw new Error(`a passkey was answered ${answer.status}: ${await answer.text()}`);
  return passkey;
}

/** Signs in with a passkey, from beginning to end. */
export async function signedInWith(passkey: SoftPasskey, change: Otherwise = {}): Promise<Response> {
  return post("passkey-sessions", { credential: await asserted(passkey, await begunSignIn(), change) });
}

/** A person with a session, whose password takes little to compare. */
export async function passkeyOwner() {
  const user = await storedUser();
  await cheapenPassword(user.id);
  return { ...user, ...(await openedSession(user)) };
}

/** A person with a session and a passkey. */
export async function passkeyHolder(change: Otherwise = {}) {
  const user = await passkeyOwner();
  return { ...user, passkey: await addedPasskey(user.headers, change) };
}

export const askPasskeys = (
  method: string,
  headers: Headers,
  id?: string,
  body?: object,
): Promise<Response> =>
  exports.default.fetch(`https://souk.test/api/v1/auth/passkeys${id === undefined ? "" : `/${id}`}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });

export const passkeyRows = (userId: string) =>
  owner.select().from(passkeys).where(eq(passkeys.userId, userId));
