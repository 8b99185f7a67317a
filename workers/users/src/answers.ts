import type { preferences, profiles } from "@souk/db/schema/users";
import type { Preferences, Privacy, Profile } from "./schemas.ts";

type StoredProfile = typeof profiles.$inferSelect;

/** A stored profile as its owner sees it. */
export const toProfile = (stored: StoredProfile): Profile => ({
  userId: stored.userId,
  username: stored.username,
  firstName: stored.firstName,
  lastName: stored.lastName,
  displayName: stored.displayName,
  bio: stored.bio,
  location: stored.location,
  website: stored.website,
  avatarUrl: stored.avatarUrl,
  birthDate: stored.birthDate,
  createdAt: stored.createdAt.toISOString(),
  updatedAt: stored.updatedAt.toISOString(),
});

/** Of a stored profile, who may see, find and write to its owner. */
export const toPrivacy = (stored: StoredProfile): Privacy => ({
  profileVisibility: stored.profileVisibility,
  activityVisibility: stored.activityVisibility,
  contactAudience: stored.contactAudience,
  searchable: stored.searchable,
});

/** Stored preferences as the API shows them. */
export function toPreferences({
  id: _id,
  createdAt,
  updatedAt,
  ...chosen
}: typeof preferences.$inferSelect): Preferences {
  return { ...chosen, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
