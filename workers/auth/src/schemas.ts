import { z } from "@hono/zod-openapi";
import { ACCOUNT_STATUSES } from "@souk/db/schema/auth";
import { ROLES } from "@souk/kit/actor";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";
import { PageQuery, pageOf } from "@souk/kit/pagination";
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
export const DeviceToken = Secret.openapi({
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
  createdAt: z.iso.datetime({ offset: true }).optional(),
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

export const Tokens = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresIn: z
      .int()
      .openapi({ description: "Seconds until the access token expires", example: LIMITS.accessToken }),
    tokenType: z.literal("Bearer"),
    user: Account,
    restored: z.literal(true).optional().openapi({
      description: "This log-in reactivated the account, or cancelled its deletion",
    }),
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

/** Left out by who has none: they have signed in with a provider just now. */
const ProofPassword = Password.optional().openapi({
  description:
    "Needed where the account has one; else the session must be younger than 10 minutes: `fresh_login_required`",
});
export const PasswordProof = z.strictObject({ password: ProofPassword }).openapi("PasswordProof");
export type PasswordProof = z.infer<typeof PasswordProof>;

export const EmailChange = z.strictObject({ email: Email, password: ProofPassword }).openapi("EmailChange");
export type EmailChange = z.infer<typeof EmailChange>;

export const EmailChangeConfirmed = z.object({ confirmed: z.literal(true) }).openapi("EmailChangeConfirmed", {
  description: "The address changes when the other one has confirmed too",
});
export type EmailChangeConfirmed = z.infer<typeof EmailChangeConfirmed>;

export const Deactivated = z
  .object({ status: z.literal("deactivated") })
  .openapi("Deactivated", { description: "Logging in reactivates the account" });
export type Deactivated = z.infer<typeof Deactivated>;

export const Deletion = z
  .object({
    status: z.literal("deleting"),
    deleteAfter: z.iso.datetime().openapi({
      description: "Until then a log-in cancels the deletion; after it everything is erased",
    }),
  })
  .openapi("Deletion");
export type Deletion = z.infer<typeof Deletion>;

export const ExportAsked = z
  .object({ status: z.literal("preparing"), requestedAt: z.iso.datetime() })
  .openapi("ExportAsked");
export type ExportAsked = z.infer<typeof ExportAsked>;

const Rows = z.record(z.string(), z.array(z.unknown()));

export const PersonExport = z
  .object({
    status: z.enum(["preparing", "ready"]),
    requestedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    data: z.record(z.string(), Rows).nullable().openapi({
      description:
        "Rows by service and table, the newest 5,000 of each; null until every service has answered",
    }),
  })
  .openapi("PersonExport");
export type PersonExport = z.infer<typeof PersonExport>;

export const Erasure = z
  .object({
    userId: z.uuid(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso
      .datetime()
      .nullable()
      .openapi({ description: "When the account itself went, last of all" }),
    services: z.record(z.string(), z.record(z.string(), z.int())).openapi({
      description: "Rows erased, by service and table",
      example: { users: { profiles: 1, preferences: 1 } },
    }),
  })
  .openapi("Erasure");
export type Erasure = z.infer<typeof Erasure>;
export const ErasurePath = z.object({ id: z.uuid() });

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

export const SessionQuery = PageQuery;
export type SessionQuery = z.output<typeof SessionQuery>;

/** One log-in on one device, as its owner sees it. */
export const SessionPage = pageOf(
  z
    .object({
      id: z.uuid(),
      device: z.string().openapi({ example: "Firefox on Linux" }),
      userAgent: z.string().nullable(),
      address: z.string().nullable().openapi({ description: "Where it was opened from" }),
      createdAt: z.iso.datetime(),
      lastSeenAt: z.iso.datetime().openapi({ description: "When it was last refreshed" }),
      expiresAt: z.iso.datetime(),
      current: z.boolean(),
    })
    .openapi("Session"),
).openapi("SessionPage");
export type SessionPage = z.infer<typeof SessionPage>;

export const SessionsToEnd = z.object({
  keep: z.enum(["current"]).optional().openapi({ description: "Leaves the session that asks alive" }),
});
export type SessionsToEnd = z.infer<typeof SessionsToEnd>;

export const SessionId = z.object({ id: z.uuid() });
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

/** Where a session was opened, for its owner's list of devices. */
export interface Device {
  userAgent: string | null;
  ip: string | null;
}
