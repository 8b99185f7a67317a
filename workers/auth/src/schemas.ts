import { z } from "@hono/zod-openapi";
import { ACCOUNT_STATUSES } from "@souk/db/schema/auth";
import { ROLES } from "@souk/kit/actor";
import { Instant } from "@souk/kit/instant";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";

export const Email = z
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

export const Address = z.strictObject({ email: Email }).openapi("AddressRequest");
export type Address = z.infer<typeof Address>;

export const LinkToken = z.strictObject({ token: Secret }).openapi("LinkToken");
export type LinkToken = z.infer<typeof LinkToken>;

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

/** bcrypt takes about 2^cost steps: above 14 a log-in would take more than a second of CPU time. */
const BcryptHash = z
  .string()
  .regex(/^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/, "is no bcrypt hash of cost 4 to 14")
  // `$2y$` is PHP's name for what others call `$2b$`.
  .transform((hash) => hash.replace(/^\$2y/, "$2b"));

/** An account of another system. */
export const ImportedAccount = z.object({
  email: Email,
  passwordHash: BcryptHash,
  firstName: Name,
  lastName: Name,
  createdAt: Instant.optional(),
  verified: z.boolean(),
});
export type ImportedAccount = z.infer<typeof ImportedAccount>;

const Person = z.object({ email: z.string(), firstName: z.string(), lastName: z.string() });

export const Registered = z
  .object({ user: Person.extend({ status: z.enum(["pending", "active"]) }) })
  .openapi("Registered");
export type Registered = z.infer<typeof Registered>;

/** An account as its owner sees it, without the password hash (S3-AUTH-16). */
export const Account = Person.extend({
  id: z.uuid(),
  role: z.enum(ROLES),
  status: z.enum(ACCOUNT_STATUSES),
}).openapi("Account");
export type Account = z.infer<typeof Account>;

export const Accepted = z.object({ accepted: z.literal(true) }).openapi("MailAccepted");
export type Accepted = z.infer<typeof Accepted>;

export const PasswordChanged = z.object({ changed: z.literal(true) }).openapi("PasswordChanged");
export type PasswordChanged = z.infer<typeof PasswordChanged>;

/** Left out by who has none: they have signed in with a provider, a passkey or by mail just now. */
export const ProofPassword = Password.optional().openapi({
  description:
    "Needed where the account has one; else the session must be younger than 10 minutes: `fresh_login_required`",
});
export const PasswordProof = z.strictObject({ password: ProofPassword }).openapi("PasswordProof");
export type PasswordProof = z.infer<typeof PasswordProof>;

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

export const UserId = z.object({ id: z.uuid() });

export const BanRequest = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).refine(isOneLine, ONE_LINE),
    expiresAt: z.iso.datetime().nullish().openapi({ description: "Without it the ban has no end" }),
  })
  .openapi("BanRequest");
export type BanRequest = z.infer<typeof BanRequest>;

export const Ban = z
  .object({
    userId: z.uuid(),
    reason: z.string(),
    bannedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
  })
  .openapi("Ban");
export type Ban = z.infer<typeof Ban>;

export const Unlocked = z.object({ unlocked: z.literal(true) }).openapi("AccountUnlocked");
export type Unlocked = z.infer<typeof Unlocked>;
