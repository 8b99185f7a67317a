import { z } from "@hono/zod-openapi";
import { AUDIENCES, THEMES, WEIGHT_UNITS, WRITERS } from "@souk/db/schema/users";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";
import { isReserved } from "./reserved-usernames.ts";
import { isCurrency, isTimeZone, toLanguage } from "./locale.ts";

export const line = z.string().trim().refine(isOneLine, ONE_LINE);
const name = line.min(1).max(100);
/** No addresses inside a network, no `https://bank.example@evil.example`. */
const HttpsUrl = z
  .url({ protocol: /^https$/, hostname: z.regexes.domain })
  .max(2_000)
  .refine((url) => !/^https:[/\\]*[^/?#]*@/i.test(url), "No user name in the address");

export const Username = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{2,49}$/, "3 to 50 letters, digits and _, a letter first")
  .refine((username) => !isReserved(username), "This name is reserved");
export const ShownUsername = z.string().nullable().openapi({ description: "Unique whatever its case" });

/** What a person tells of themselves. */
const profileFields = {
  firstName: name,
  lastName: name,
  displayName: name.nullable(),
  bio: z.string().trim().max(1_000).nullable(),
  location: line.max(200).nullable(),
  website: HttpsUrl.nullable(),
  avatarUrl: HttpsUrl.nullable(),
};
const ownFields = {
  birthDate: z.iso
    .date()
    .refine((day) => day >= "1900-01-01", "Before 1900")
    .nullable()
    .openapi({ description: "Nobody else sees it" }),
};

const preferenceFields = {
  notifications: z
    .boolean()
    .openapi({ description: "The master switch: off silences all but security and account messages" }),
  theme: z.enum(THEMES),
  language: z
    .string()
    .max(35)
    .transform((tag, context) => {
      const language = toLanguage(tag);
      if (language === undefined) context.addIssue({ code: "custom", message: "Not a BCP 47 language tag" });
      return language ?? z.NEVER;
    })
    .openapi({ type: "string", description: "BCP 47", example: "en-GB" }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, "Not an IANA time zone")
    .openapi({ description: "IANA", example: "Europe/Berlin" }),
  currency: z
    .string()
    .refine(isCurrency, "Not an ISO 4217 currency")
    .openapi({ description: "ISO 4217", example: "USD" }),
  weightUnit: z.enum(WEIGHT_UNITS).openapi({ description: "Troy ounce, gram, kilogram or tola" }),
};

const times = { createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() };

export const Profile = z
  .object({
    userId: z.uuid(),
    username: ShownUsername,
    ...profileFields,
    birthDate: z.iso.date().nullable(),
    ...times,
  })
  .openapi("Profile");
export type Profile = z.infer<typeof Profile>;

/** A field left out keeps its value; null clears it. */
export const ProfileChange = z
  .strictObject({ ...profileFields, ...ownFields })
  .partial()
  .openapi("ProfileChange");
export type ProfileChange = z.infer<typeof ProfileChange>;

export const Preferences = z
  .object({ userId: z.uuid(), ...preferenceFields, language: z.string(), ...times })
  .openapi("Preferences");
export type Preferences = z.infer<typeof Preferences>;

/** A field left out keeps its value. */
export const PreferencesChange = z.strictObject(preferenceFields).partial().openapi("PreferencesChange");
export type PreferencesChange = z.infer<typeof PreferencesChange>;

export const UsernameChange = z.strictObject({ username: Username }).openapi("UsernameChange");
export type UsernameChange = z.infer<typeof UsernameChange>;

const privacyFields = {
  profileVisibility: z
    .enum(AUDIENCES)
    .openapi({ description: "Who sees the profile; to everyone else there is no such person" }),
  activityVisibility: z
    .enum(AUDIENCES)
    .openapi({ description: "Who, of those who see the profile, sees the day of the last activity" }),
  contactAudience: z.enum(WRITERS).openapi({ description: "Who may write to the person" }),
  searchable: z.boolean().openapi({ description: "Whether the search finds the profile" }),
};
export const Privacy = z.object(privacyFields).openapi("Privacy");
export type Privacy = z.infer<typeof Privacy>;

/** A field left out keeps its value. */
export const PrivacyChange = z.strictObject(privacyFields).partial().openapi("PrivacyChange");
export type PrivacyChange = z.infer<typeof PrivacyChange>;
