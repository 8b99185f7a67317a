import type { EventType } from "@souk/kit/events";

/** Notices of security and of the account itself: no preference silences them. */
const CRITICAL: ReadonlySet<string> = new Set<EventType>([
  "user.registered",
  "user.registration_repeated",
  "verification.requested",
  "user.verified",
  "password.reset_requested",
  "password.changed",
  "account.locked",
]);

/** Whether a notification type (an event type) reaches the person whatever they switched off. */
export const isCritical = (type: string): boolean => CRITICAL.has(type);
