import { sql, type SQL } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { erasedTable } from "../erased.ts";
import { inboxTable } from "../inbox.ts";

export const users = pgSchema("users");

/** Who may see something of a person: anyone, anyone logged in, friends, nobody. */
export const AUDIENCES = ["public", "user", "friend", "nobody"] as const;
/** Who may write to a person: anyone logged in, whom the person follows and friends, friends, nobody; strangers never may. */
export const WRITERS = ["user", "followed", "friend", "nobody"] as const;

const oneOf = (column: unknown, values: readonly string[]): SQL =>
  sql`${column} IN (${sql.raw(values.map((value) => `'${value}'`).join(", "))})`;

/** The words of a profile, for the full-text search; the query repeats it so that the index serves. */
export const profileDocument = sql.raw(
  "to_tsvector('simple', search_names || ' ' || coalesce(location, '') || ' ' || coalesce(bio, ''))",
);

/** Who a person is to others. Made by `user.registered`, or by the first read or change when that comes first. */
export const profiles = users.table(
  "profiles",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id").notNull().unique(),
    firstName: text("first_name").notNull(),
    lastName: text("last_name").notNull(),
    displayName: text("display_name"),
    avatarUrl: text("avatar_url"),
    bio: text("bio"),
    location: text("location"),
    website: text("website"),
    /** Only its owner sees it. */
    birthDate: date("birth_date", { mode: "string" }),
    /** As the person writes it; unique whatever the case, see `usernames`. */
    username: text("username"),
    usernameChangedAt: timestamp("username_changed_at", { withTimezone: true }),
    profileVisibility: text("profile_visibility", { enum: AUDIENCES }).notNull().default("public"),
    activityVisibility: text("activity_visibility", { enum: AUDIENCES }).notNull().default("friend"),
    /** Who may write to the person. */
    contactAudience: text("contact_audience", { enum: WRITERS }).notNull().default("user"),
    searchable: boolean("searchable").notNull().default(true),
    /** All names, for the search that forgives typing errors: its trigram index is in a custom migration. */
    searchNames: text("search_names")
      .notNull()
      .generatedAlwaysAs(
        sql.raw(
          "lower(first_name || ' ' || last_name || ' ' || coalesce(display_name, '') || ' ' || coalesce(username, ''))",
        ),
      ),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    uniqueIndex("profiles_username_key").on(sql`lower(${table.username})`),
    index("profiles_document_idx")
      .using("gin", profileDocument)
      .where(sql`${table.searchable}`),
    check("profiles_known_visibility", oneOf(table.profileVisibility, AUDIENCES)),
    check("profiles_known_activity_visibility", oneOf(table.activityVisibility, AUDIENCES)),
    check("profiles_known_contact_audience", oneOf(table.contactAudience, WRITERS)),
  ],
);

/** Every username that someone has or had, in lower case: an old one leads to its owner's new one and is nobody else's. */
export const usernames = users.table(
  "usernames",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull().unique(),
    userId: uuid("user_id")
      .notNull()
      .references(() => profiles.userId, { onDelete: "cascade" }),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    index("usernames_user_idx").on(table.userId),
    check("usernames_lower_case", sql`${table.name} = lower(${table.name})`),
  ],
);

/** Who follows whom. The ids of edges are UUIDv7, so their order is that of time. */
export const follows = users.table(
  "follows",
  {
    id: uuid("id").primaryKey(),
    followerId: uuid("follower_id").notNull(),
    followedId: uuid("followed_id").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    unique("follows_pair_key").on(table.followerId, table.followedId),
    index("follows_follower_idx").on(table.followerId, table.id.desc().nullsFirst()),
    index("follows_followed_idx").on(table.followedId, table.id.desc().nullsFirst()),
    check("follows_another", sql`${table.followerId} <> ${table.followedId}`),
  ],
);

export const FRIENDSHIP_STATUSES = ["requested", "accepted"] as const;

/** Two people's friendship, or the request for it: one row for the pair, the lower id first. */
export const friendships = users.table(
  "friendships",
  {
    id: uuid("id").primaryKey(),
    lowId: uuid("low_id").notNull(),
    highId: uuid("high_id").notNull(),
    requestedBy: uuid("requested_by").notNull(),
    status: text("status", { enum: FRIENDSHIP_STATUSES }).notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    unique("friendships_pair_key").on(table.lowId, table.highId),
    index("friendships_low_idx").on(table.lowId, table.status, table.id.desc().nullsFirst()),
    index("friendships_high_idx").on(table.highId, table.status, table.id.desc().nullsFirst()),
    check("friendships_ordered", sql`${table.lowId} < ${table.highId}`),
    check("friendships_asked_by_one_of_them", sql`${table.requestedBy} IN (${table.lowId}, ${table.highId})`),
    check("friendships_known_status", oneOf(table.status, FRIENDSHIP_STATUSES)),
  ],
);

/** Who wants nothing to do with whom: neither sees the other. */
export const blocks = users.table(
  "blocks",
  {
    id: uuid("id").primaryKey(),
    blockerId: uuid("blocker_id").notNull(),
    blockedId: uuid("blocked_id").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    unique("blocks_pair_key").on(table.blockerId, table.blockedId),
    index("blocks_blocker_idx").on(table.blockerId, table.id.desc().nullsFirst()),
    index("blocks_blocked_idx").on(table.blockedId, table.blockerId),
    check("blocks_another", sql`${table.blockerId} <> ${table.blockedId}`),
  ],
);

/** Of whom a person wants to hear nothing; the other is not told. */
export const mutes = users.table(
  "mutes",
  {
    id: uuid("id").primaryKey(),
    muterId: uuid("muter_id").notNull(),
    mutedId: uuid("muted_id").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    unique("mutes_pair_key").on(table.muterId, table.mutedId),
    index("mutes_muter_idx").on(table.muterId, table.id.desc().nullsFirst()),
    check("mutes_another", sql`${table.muterId} <> ${table.mutedId}`),
  ],
);

/** How often something that is counted happened to a person on a day, from the event log. */
export const metrics = users.table(
  "metrics",
  {
    userId: uuid("user_id").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    metric: text("metric").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.day, table.metric] }),
    check("metrics_counted", sql`${table.count} > 0`),
  ],
);

export const inbox = inboxTable(users);

export const erased = erasedTable(users);

export const THEMES = ["system", "light", "dark"] as const;

/** The units in which `alerts` quotes: troy ounce, gram, kilogram, tola. */
export const WEIGHT_UNITS = ["toz", "g", "kg", "tola"] as const;

/** How the apps behave for a person. */
export const preferences = users.table("preferences", {
  id: uuid("id").primaryKey(),
  userId: uuid("user_id").notNull().unique(),
  /** The master switch; `notifications` keeps the switches of each channel. */
  notifications: boolean("notifications").notNull().default(true),
  theme: text("theme", { enum: THEMES }).notNull().default("system"),
  /** BCP 47. */
  language: text("language").notNull().default("en"),
  /** IANA. */
  timeZone: text("time_zone").notNull().default("UTC"),
  /** ISO 4217. */
  currency: text("currency").notNull().default("USD"),
  weightUnit: text("weight_unit", { enum: WEIGHT_UNITS }).notNull().default("toz"),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
});
