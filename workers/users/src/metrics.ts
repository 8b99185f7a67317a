import type { EventType, SoukEvent } from "@souk/kit/events";

/** What a person does. */
export const BEHAVIOUR = [
  "peopleFollowed",
  "peopleUnfollowed",
  "friendRequestsSent",
  "friendRequestsAccepted",
  "profileChanges",
  "usernameChanges",
  "preferenceChanges",
] as const;

/** What others do towards a person. */
export const ENGAGEMENT = [
  "followersGained",
  "followersLost",
  "friendRequestsReceived",
  "friendsGained",
] as const;
export type Metric = (typeof BEHAVIOUR)[number] | (typeof ENGAGEMENT)[number];

/** What each event adds one to: of the person who acted, and of the other. */
export const COUNTED = {
  "user.followed": { actor: ["peopleFollowed"], other: ["followersGained"] },
  "user.unfollowed": { actor: ["peopleUnfollowed"], other: ["followersLost"] },
  "friend.requested": { actor: ["friendRequestsSent"], other: ["friendRequestsReceived"] },
  "friend.accepted": { actor: ["friendRequestsAccepted", "friendsGained"], other: ["friendsGained"] },
  "profile.updated": { actor: ["profileChanges"], other: [] },
  "username.changed": { actor: ["usernameChanges"], other: [] },
  "preferences.updated": { actor: ["preferenceChanges"], other: [] },
} as const satisfies Partial<Record<EventType, Record<"actor" | "other", readonly Metric[]>>>;
export type CountedEvent = { [T in keyof typeof COUNTED]: SoukEvent<T> }[keyof typeof COUNTED];
