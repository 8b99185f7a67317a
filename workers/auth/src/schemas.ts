import { z } from "@hono/zod-openapi";
import { ROLES } from "@souk/kit/actor";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";
import { LIMITS } from "./limits.ts";

const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .check(z.email("is not a mail address"))
  .openapi({ format: "email", example: "ada@example.com" });
const Name = z.string().trim().min(2).max(50).refine(isOneLine, ONE_LINE);
/** S3-SEC-01. The upper bound keeps hashing cheap. */
const NewPassword = z
  .string()
  .min(8)
  .max(200)
  .regex(
    /^(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)/,
    "needs a lower-case letter, an upper-case letter and a digit",
  )
  .openapi({ format: "password", example: "Correct-horse-1" });
export const Password = z.string().min(1).max(200).openapi({ format: "password" });
export const Secret = z.string().min(1).max(500);

export const Registration = z
  .strictObject({ email: Email, password: NewPassword, firstName: Name, lastName: Name })
  .openapi("Registration");
export type Registration = z.infer<typeof Registration>;

/** Of a trusted device; it takes the place of the second factor. */
const DeviceToken = Secret.openapi({
  description: "Of a trusted device, which is asked for no second factor",
});
export const Credentials = z
  .strictObject({ email: Email, password: Password, deviceToken: DeviceToken.optional() })
  .openapi("Credentials");
export type Credentials = z.infer<typeof Credentials>;

export const Address = z.strictObject({ email: Email }).openapi("AddressRequest");
export type Address = z.infer<typeof Address>;

export const LinkToken = z.strictObject({ token: Secret }).openapi("LinkToken");
export type LinkToken = z.infer<typeof LinkToken>;

export const RefreshRequest = z.strictObject({ refreshToken: Secret }).openapi("RefreshRequest");
export type RefreshRequest = z.infer<typeof RefreshRequest>;

export const PasswordReset = z
  .strictObject({ token: Secret, password: NewPassword })
  .openapi("PasswordReset");
export type PasswordReset = z.infer<typeof PasswordReset>;

export const PasswordChange = z
  .strictObject({ currentPassword: Password, newPassword: NewPassword })
  .openapi("PasswordChange");
export type PasswordChange = z.infer<typeof PasswordChange>;

export const RoleGrant = z.strictObject({
  email: Email,
  role: z.enum(ROLES),
  grantedBy: z.string().min(1).max(200),
});
export type RoleGrant = z.infer<typeof RoleGrant>;

const Person = z.object({ email: z.string(), firstName: z.string(), lastName: z.string() });

export const Registered = z
  .object({ user: Person.extend({ status: z.enum(["pending", "active"]) }) })
  .openapi("Registered");
export type Registered = z.infer<typeof Registered>;

/** An account as its owner sees it, without the password hash (S3-AUTH-16). */
export const Account = Person.extend({
  id: z.uuid(),
  role: z.enum(ROLES),
  status: z.enum(["pending", "active"]),
}).openapi("Account");
export type Account = z.infer<typeof Account>;

export const Tokens = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresIn: z
      .int()
      .openapi({ description: "Seconds until the access token expires", example: LIMITS.accessToken }),
    tokenType: z.literal("Bearer"),
    user: Account,
  })
  .openapi("Tokens");
export type Tokens = z.infer<typeof Tokens>;

export const Verified = z
  .object({
    valid: z.literal(true),
    user: Account,
    session: z.object({
      id: z.uuid(),
      createdAt: z.iso.datetime(),
      refreshedAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
    }),
  })
  .openapi("SessionCheck");
export type Verified = z.infer<typeof Verified>;

export const Accepted = z.object({ accepted: z.literal(true) }).openapi("MailAccepted");
export type Accepted = z.infer<typeof Accepted>;

export const PasswordChanged = z.object({ changed: z.literal(true) }).openapi("PasswordChanged");
export type PasswordChanged = z.infer<typeof PasswordChanged>;

export const KeySet = z
  .object({
    keys: z.array(
      z.object({
        kty: z.string(),
        crv: z.string(),
        x: z.string(),
        y: z.string(),
        kid: z.string(),
        alg: z.string(),
        use: z.string(),
      }),
    ),
  })
  .openapi("KeySet");
export type KeySet = z.infer<typeof KeySet>;

export const Unlocked = z.object({ unlocked: z.literal(true) }).openapi("AccountUnlocked");
export type Unlocked = z.infer<typeof Unlocked>;

/** Where a session was opened, for its owner's list of devices. */
export interface Device {
  userAgent: string | null;
  ip: string | null;
}
