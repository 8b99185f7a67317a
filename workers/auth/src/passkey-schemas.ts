import { z } from "@hono/zod-openapi";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";
import { LIMITS } from "./limits.ts";
import { DeviceToken } from "./session-schemas.ts";

/** Bytes as WebAuthn's JSON forms have them. */
const bytes = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\w-]+$/, "is not base64url");

/** WebAuthn allows 1,023 bytes. */
const CredentialId = bytes(1364);
const Transports = z.array(z.string().regex(/^[a-z][a-z-]{0,31}$/, "is no transport")).max(10);
const PasskeyName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine(isOneLine, ONE_LINE)
  .openapi({ example: "my phone" });

/** What both forms have besides; browsers add members, which are not looked at. */
const credential = {
  id: CredentialId,
  rawId: CredentialId,
  type: z.literal("public-key"),
};

const RegistrationResponse = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: bytes(4_000),
      attestationObject: bytes(16_000),
      transports: Transports.default([]),
    }),
  })
  .openapi("PasskeyRegistrationResponse", {
    description: "`toJSON()` of what `navigator.credentials.create` gave: W3C's RegistrationResponseJSON",
  });
export type RegistrationResponse = z.infer<typeof RegistrationResponse>;

const AuthenticationResponse = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: bytes(4_000),
      authenticatorData: bytes(4_000),
      signature: bytes(4_000),
      userHandle: bytes(86).nullish(),
    }),
  })
  .openapi("PasskeyAuthenticationResponse", {
    description: "`toJSON()` of what `navigator.credentials.get` gave: W3C's AuthenticationResponseJSON",
  });
export type AuthenticationResponse = z.infer<typeof AuthenticationResponse>;

export const NewPasskey = z
  .strictObject({ name: PasskeyName, credential: RegistrationResponse })
  .openapi("NewPasskey");
export type NewPasskey = z.infer<typeof NewPasskey>;

export const PasskeySignIn = z
  .strictObject({ credential: AuthenticationResponse, deviceToken: DeviceToken.optional() })
  .openapi("PasskeySignIn");
export type PasskeySignIn = z.infer<typeof PasskeySignIn>;

export const PasskeyChange = z.strictObject({ name: PasskeyName }).openapi("PasskeyChange");
export type PasskeyChange = z.infer<typeof PasskeyChange>;

const challenge = {
  challenge: z.string(),
  timeout: z.int().openapi({ description: "Milliseconds", example: LIMITS.passkeyChallenge * 1000 }),
};
const expiresAt = z.iso.datetime();

export const PasskeyRegistration = z
  .object({
    options: z
      .object({
        ...challenge,
        rp: z.object({ id: z.string(), name: z.string() }),
        user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
        pubKeyCredParams: z.array(z.object({ type: z.literal("public-key"), alg: z.int() })),
        excludeCredentials: z.array(
          z.object({ type: z.literal("public-key"), id: z.string(), transports: z.array(z.string()) }),
        ),
        authenticatorSelection: z.object({
          residentKey: z.literal("required"),
          requireResidentKey: z.literal(true),
          userVerification: z.literal("required"),
        }),
        attestation: z.literal("none"),
      })
      .openapi("PasskeyCreationOptions", {
        description: "For `PublicKeyCredential.parseCreationOptionsFromJSON`",
      }),
    expiresAt,
  })
  .openapi("PasskeyRegistration");
export type PasskeyRegistration = z.infer<typeof PasskeyRegistration>;

export const PasskeyChallenge = z
  .object({
    options: z
      .object({ ...challenge, rpId: z.string(), userVerification: z.literal("required") })
      .openapi("PasskeyRequestOptions", {
        description: "For `PublicKeyCredential.parseRequestOptionsFromJSON`",
      }),
    expiresAt,
  })
  .openapi("PasskeyChallenge");
export type PasskeyChallenge = z.infer<typeof PasskeyChallenge>;

export const Passkey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    aaguid: z
      .uuid()
      .openapi({ description: "The authenticator's model, by which apps find its name and picture" }),
    backedUp: z.boolean().openapi({ description: "Whether the authenticator keeps it elsewhere too" }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .openapi("Passkey");
export type Passkey = z.infer<typeof Passkey>;

export const PasskeyList = z.object({ items: z.array(Passkey), nextCursor: z.null() }).openapi("Passkeys");
export type PasskeyList = z.infer<typeof PasskeyList>;

export const PasskeyPath = z.object({ id: z.uuid() });
