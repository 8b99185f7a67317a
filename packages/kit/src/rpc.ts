import type { Role } from "./actor.ts";
import type { Publication } from "./realtime/frames.ts";

/** What Workers ask of each other over service bindings. The owner's `src/rpc.ts` implements it; changes are additive. */

/** `events`: woken by every writer of events. */
export interface EventsService {
  /** Drains the log to the subscribers' queues. */
  wake(traceparent?: string): Promise<void>;
}

export const LINK_PURPOSES = [
  "verify_email",
  "reset_password",
  "unlock_account",
  "leave_email",
  "join_email",
] as const;
/** `leave_email` and `join_email`: the old and the new address confirm a change. */
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** Whom to write to. */
export interface Contact {
  email: string;
  firstName: string;
  lastName: string;
  /** The account is deactivated or about to be deleted: only what concerns the account itself is written to. */
  asleep?: true;
}

/** What the gateway judges an API key by. */
export interface KnownApiKey {
  userId: string;
  email: string;
  role: Role;
  scopes: string[];
  /** `disabled`: its owner's account is not active. */
  state: "active" | "expired" | "revoked" | "disabled";
  /** ISO 8601; null for never. */
  expiresAt: string | null;
  /** SHA-256 of the key in hex; after a roll also that of the one before, which counts until then. */
  hash: string;
  previous: { hash: string; until: string } | null;
}

/** `auth`: asked for an address or a link by whoever acts on an event. */
export interface AuthService {
  /** The person's names and address; null when there is no such account. */
  contact(userId: string, traceparent?: string): Promise<Contact | null>;
  /** The person's names and the address that they had before the last change; null when there is none. */
  formerContact(userId: string, traceparent?: string): Promise<Contact | null>;
  /** Keeps what the calling service holds of a person, for the copy that they asked for; a repeat replaces it. */
  storeExport(
    copy: { userId: string; exportId: string },
    rows: PersonalRows,
    traceparent?: string,
  ): Promise<void>;
  /** A new one-time link with its receiver; null when there is no such account or nothing left to do (already verified). */
  mintLink(
    userId: string,
    purpose: LinkPurpose,
    traceparent?: string,
  ): Promise<(Contact & { url: string }) | null>;
  /** An API key by its id; null when there is none. Notes its use, where the hash is the right one and the key good. */
  apiKey(id: string, hash: string, traceparent?: string): Promise<KnownApiKey | null>;
  /** Ids of the ended sessions whose access tokens may not have expired yet. */
  revokedSessions(traceparent?: string): Promise<string[]>;
}

/** Whom a socket would be of: by a ticket, which is then used up, or by an access token that was verified. */
export type Admission = { ticket: string } | { userId: string; sessionId: string };

/** Rows by table, as a service gives them to a person's copy of their data. */
export type PersonalRows = Record<string, unknown[]>;

/** `notifications`: asked which channels a person wants before anything is sent. */
export interface NotificationsService {
  /** Channels allowed for a notification type; critical types are always allowed by email. */
  channels(
    userId: string,
    type: string,
    traceparent?: string,
  ): Promise<{ inApp: boolean; email: boolean; push: boolean }>;
  /**
   * Publishes to the hubs of up to 25 people. A repeat of a publication's key is none, so whoever was not reached may be tried again.
   * @returns who was not reached, and who has a device connected and so needs no push
   */
  publish(
    userIds: string[],
    publications: Publication[],
    traceparent?: string,
  ): Promise<{ failed: string[]; connected: string[] }>;
  /** Whether the people, up to 25, have a device connected, and when the last one of those who have none was. */
  presence(
    userIds: string[],
    traceparent?: string,
  ): Promise<{ userId: string; connected: boolean; lastSeenAt: string | null }[]>;
  /** Admits a socket to a room that another service owns; null when the ticket is unknown, used or expired, or the session has ended. */
  admit(
    admission: Admission,
    room: string,
    traceparent?: string,
  ): Promise<{ userId: string; sessionId: string } | null>;
  /** The rooms that a session was admitted to within the last two hours: to be closed to it when it ends. */
  roomsOf(userId: string, sessionId: string, traceparent?: string): Promise<string[]>;
}

/** `chat`: asked by the owners of jobs, bookings and orders. */
export interface ChatService {
  /** The conversation about an object, with these people in it; a repeat brings in who is not there yet. */
  bindConversation(
    binding: { object: { type: string; id: string }; title: string; userIds: string[] },
    traceparent?: string,
  ): Promise<{ conversationId: string }>;
  /** Writes a line of the system's into it, once for its key. */
  postNotice(
    notice: { object: { type: string; id: string }; key: string; text: string },
    traceparent?: string,
  ): Promise<{ seq: number }>;
}

/** How a person may be written to by another: at once, after they said yes, not at all; or is nobody to the other. */
export type Reach = "open" | "request" | "closed" | "none";

/** `users`: asked by `chat` what is between people. */
export interface UsersService {
  /** How each of some people may be written to by the caller, and whether the caller may see when they are active. */
  reach(
    userId: string,
    otherIds: string[],
    traceparent?: string,
  ): Promise<{ userId: string; reach: Reach; activity: boolean }[]>;
  /** Those of some people who want to hear nothing of a person: they mute or block them. */
  silencing(userId: string, otherIds: string[], traceparent?: string): Promise<string[]>;
}
