import { z } from "@hono/zod-openapi";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { MAX_METRIC_DAYS, MAX_RELATIONS } from "./limits.ts";
import { BEHAVIOUR, ENGAGEMENT } from "./metrics.ts";
import { line, ShownUsername, Username } from "./schemas.ts";

const anyId = z.uuid().toLowerCase();
export const UserId = z.object({ id: anyId });
export const UsernameParam = z.object({ username: Username });
export const MovedTo = z.object({ movedTo: z.string() }).openapi("MovedTo");

const relationFields = {
  userId: z.uuid(),
  following: z.boolean(),
  followedBy: z.boolean(),
  friend: z.boolean(),
  requestSent: z.boolean(),
  requestReceived: z.boolean(),
  blocking: z.boolean(),
  muting: z.boolean(),
  mayWrite: z.boolean().openapi({ description: "Whether the other wants to be written to by you" }),
};
/** What is between the caller and another. */
export const Relation = z.object(relationFields).openapi("Relation");
export type Relation = z.infer<typeof Relation>;

export const RelationsQuery = z.object({
  ids: z
    .string()
    .max(MAX_RELATIONS * 37)
    .transform((ids) => [...new Set(ids.split(","))])
    .pipe(z.array(anyId).min(1).max(MAX_RELATIONS))
    .openapi({ type: "string", description: `Ids of at most ${MAX_RELATIONS} people, between commas` }),
});
export const Relations = z.object({ items: z.array(Relation) }).openapi("Relations");

/** What a list shows of a person. */
const cardFields = {
  userId: z.uuid(),
  username: ShownUsername,
  firstName: z.string(),
  lastName: z.string(),
  displayName: z.string().nullable(),
  avatarUrl: z.string().nullable(),
};
export const Person = z.object({ ...cardFields, since: z.iso.datetime({ offset: true }) }).openapi("Person");
export type Person = z.infer<typeof Person>;
export const PersonPage = pageOf(Person).openapi("PersonPage");
export type PersonPage = z.infer<typeof PersonPage>;
export const PeopleQuery = PageQuery;
export type PeopleQuery = z.infer<typeof PeopleQuery>;

export const FriendRequestQuery = PageQuery.extend({
  direction: z.enum(["received", "sent"]).default("received"),
});
export type FriendRequestQuery = z.infer<typeof FriendRequestQuery>;

export const SearchQuery = PageQuery.extend({
  q: line
    .min(2)
    .max(100)
    .refine((text) => /[\p{L}\p{N}]/u.test(text), "Say a name or a word")
    .openapi({ description: "A name, a part of one, or words of a profile; spelling mistakes are forgiven" }),
});
export type SearchQuery = z.infer<typeof SearchQuery>;
export const FoundPerson = z
  .object({ ...cardFields, location: z.string().nullable(), bio: z.string().nullable() })
  .openapi("FoundPerson");
export type FoundPerson = z.infer<typeof FoundPerson>;
export const FoundPage = pageOf(FoundPerson).openapi("FoundPage");
export type FoundPage = z.infer<typeof FoundPage>;

const number = z.int().min(0);
/** A profile as others see it. */
export const PublicProfile = z
  .object({
    ...cardFields,
    bio: z.string().nullable(),
    location: z.string().nullable(),
    website: z.string().nullable(),
    followers: number,
    following: number,
    friends: number,
    lastActiveOn: z.iso.date().nullable().openapi({ description: "Null also where it is not shown to you" }),
    createdAt: z.iso.datetime({ offset: true }),
    // Not `Relation` by its name: the document would say of null that it must be an object.
    viewer: z
      .object(relationFields)
      .nullable()
      .openapi({ description: "What is between you; null to strangers and on your own" }),
  })
  .openapi("PublicProfile");
export type PublicProfile = z.infer<typeof PublicProfile>;

export const MetricsQuery = z.object({
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_METRIC_DAYS)
    .default(30)
    .openapi({ description: "The last so many days, today included, in UTC" }),
});
export type MetricsQuery = z.infer<typeof MetricsQuery>;
export const Metrics = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    activeDays: number.openapi({ description: "Days on which you did something that is counted" }),
    behaviour: z.record(z.enum(BEHAVIOUR), number).openapi({ description: "What you did" }),
    engagement: z.record(z.enum(ENGAGEMENT), number).openapi({ description: "What others did towards you" }),
  })
  .openapi("UserMetrics");
export type Metrics = z.infer<typeof Metrics>;
