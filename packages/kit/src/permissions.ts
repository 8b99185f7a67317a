import type { Role } from "./actor.ts";

/** What somebody may do beyond their own account. */
export type Permission = "quota:premium" | "services:offer" | "content:moderate" | "platform:administer";

/** The one table of what each role may do; access tokens carry its row for the apps (S4-SEC-01). */
export const PERMISSIONS: Record<Role, readonly Permission[]> = {
  user: [],
  premium: ["quota:premium"],
  provider: ["services:offer"],
  moderator: ["content:moderate"],
  admin: ["quota:premium", "services:offer", "content:moderate", "platform:administer"],
};

/** Whether a role may do it. */
export const may = (role: Role, permission: Permission): boolean => PERMISSIONS[role].includes(permission);

/** What an API key may be given, and what each scope opens. A route that names none of them opens to no key. */
export const SCOPES = {
  "prices:read": "prices of metals, now and before",
  "alerts:read": "your alerts, and when they fired",
  "alerts:write": "creating, changing and deleting your alerts",
  "notifications:read": "your notifications",
  "notifications:write": "marking your notifications as read",
  "profile:read": "your profile, preferences, privacy settings and metrics",
  "profile:write": "changing your profile and preferences",
  "people:read": "other people's profiles, search, and whom you follow, befriend, block and mute",
  "people:write": "following, befriending, blocking and muting",
} as const;
export type Scope = keyof typeof SCOPES;
export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];
