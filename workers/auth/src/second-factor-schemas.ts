import { z } from "@hono/zod-openapi";
import { pageOf } from "@souk/kit/pagination";
import { Secret } from "./schemas.ts";
import { Tokens } from "./session-schemas.ts";

/** A code of the authenticator, or a recovery code in any grouping. */
const Code = z
  .string()
  .trim()
  .min(6)
  .max(40)
  .openapi({ description: "Six digits of the authenticator, or a recovery code", example: "123456" });

/** What a log-in with a second factor answers in place of tokens. */
export const SecondFactorChallenge = z
  .object({
    challenge: z.string(),
    expiresAt: z.iso.datetime(),
    methods: z.array(z.enum(["totp", "recovery_code"])),
  })
  .openapi("SecondFactorChallenge");
export type SecondFactorChallenge = z.infer<typeof SecondFactorChallenge>;

export const TokensWithDevice = z
  .object({
    ...Tokens.shape,
    deviceToken: z.string().optional().openapi({
      description:
        "To be sent with later log-ins from this device, which then does not wait for the failures of strangers; shown once",
    }),
  })
  .openapi("TokensWithDevice");
export type TokensWithDevice = z.infer<typeof TokensWithDevice>;

export const LoggedIn = z.union([TokensWithDevice, SecondFactorChallenge]).openapi("LoggedIn");

export const SecondFactorProof = z
  .strictObject({
    challenge: Secret,
    code: Code,
    trustDevice: z
      .boolean()
      .default(false)
      .openapi({ description: "Not to be asked again on this device for 30 days" }),
  })
  .openapi("SecondFactorProof");
export type SecondFactorProof = z.infer<typeof SecondFactorProof>;

export const SecondFactorCode = z.strictObject({ code: Code }).openapi("SecondFactorCode");
export type SecondFactorCode = z.infer<typeof SecondFactorCode>;

export const Enrolment = z
  .object({
    secret: z.string().openapi({ description: "For an app that reads no QR code, in base32" }),
    uri: z.string().openapi({ description: "`otpauth:` URI, to be shown as a QR code" }),
    expiresAt: z.iso.datetime(),
  })
  .openapi("SecondFactorEnrolment");
export type Enrolment = z.infer<typeof Enrolment>;

export const RecoveryCodes = z
  .object({ recoveryCodes: z.array(z.string()).openapi({ description: "Each good once; shown once" }) })
  .openapi("RecoveryCodes");
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;

export const SecondFactorState = z
  .object({
    enabled: z.boolean(),
    confirmedAt: z.iso.datetime().nullable(),
    recoveryCodesLeft: z.int(),
  })
  .openapi("SecondFactorState");
export type SecondFactorState = z.infer<typeof SecondFactorState>;

export const SteppedUp = z
  .object({ accessToken: z.string(), expiresIn: z.int(), tokenType: z.literal("Bearer") })
  .openapi("SteppedUp");
export type SteppedUp = z.infer<typeof SteppedUp>;

const TrustedDevice = z
  .object({
    id: z.uuid(),
    userAgent: z.string().nullable(),
    ip: z.string().nullable(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .openapi("TrustedDevice");
export const TrustedDevices = pageOf(TrustedDevice).openapi("TrustedDevices");
export type TrustedDevices = z.infer<typeof TrustedDevices>;
