import { boolean, pgSchema, text, timestamp, uuid } from "drizzle-orm/pg-core";

export const users = pgSchema("users");

/** Who a person is to others. Made by `user.registered`, or by the first read or change when that comes first. */
export const profiles = users.table("profiles", {
  id: uuid("id").primaryKey(),
  userId: uuid("user_id").notNull().unique(),
  firstName: text("first_name").notNull(),
  lastName: text("last_name").notNull(),
  displayName: text("display_name"),
  avatarUrl: text("avatar_url"),
  bio: text("bio"),
  location: text("location"),
  website: text("website"),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
});

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
