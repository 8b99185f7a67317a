import type { preferences, profiles } from "@souk/db/schema/users";
import type { Preferences, Profile } from "./schemas.ts";

/** A stored profile as the API shows it. */
export function toProfile({
  id: _id,
  createdAt,
  updatedAt,
  ...profile
}: typeof profiles.$inferSelect): Profile {
  return { ...profile, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

/** Stored preferences as the API shows them. */
export function toPreferences({
  id: _id,
  createdAt,
  updatedAt,
  ...chosen
}: typeof preferences.$inferSelect): Preferences {
  return { ...chosen, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
