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
