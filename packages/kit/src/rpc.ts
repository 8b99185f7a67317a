import type { Role } from "./actor.ts";
import type { EventType } from "./events.ts";
import type { Publication } from "./realtime/frames.ts";

/** What Workers ask of each other over service bindings. The owner's `src/rpc.ts` implements it; changes are additive. */

/** `events`: woken by every writer of events. */
export interface EventsService {
  /** Drains the log to the subscribers' queues. */
  wake(traceparent?: string): Promise<void>;
}

/** An event of a Worker that has no database, before it is in the log; the log takes the same id once. */
export interface RecordedEvent {
  id: string;
  type: EventType;
  aggregateId: string;
  /** ISO 8601. */
  occurredAt: string;
  data: Record<string, unknown>;
}

/** `events`: asked by whoever has no database of its own to write an event in. */
export interface EventRecorder {
  /** Appends events to the log. */
  record(events: RecordedEvent[], traceparent?: string): Promise<void>;
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
  /**
   * Keeps pages of what the calling service holds of a person, for the copy that they asked for; of a page given twice the first counts.
   * @returns where the kept pages end, which is where to go on; nothing when the copy is no more wanted
   */
  storeExport(
    copy: { userId: string; exportId: string },
    pages: ExportPage[],
    traceparent?: string,
  ): Promise<Omit<ExportPage, "rows">[]>;
  /** A new one-time link with its receiver; null when there is no such account or nothing left to do (already verified). */
  mintLink(
    userId: string,
    purpose: LinkPurpose,
    traceparent?: string,
  ): Promise<(Contact & { url: string }) | null>;
  /** What the mail of a sign-in carries, with its receiver: a link and a code. Null when it is over or the account has left the address. */
  mintMailSignIn(
    mailSignInId: string,
    traceparent?: string,
  ): Promise<(Contact & { url: string; code: string }) | null>;
  /** An API key by its id; null when there is none. Notes its use, where the hash is the right one and the key good. */
  apiKey(id: string, hash: string, traceparent?: string): Promise<KnownApiKey | null>;
  /** Ids of the ended sessions whose access tokens may not have expired yet. */
  revokedSessions(traceparent?: string): Promise<string[]>;
  /** Those of some people who may do nothing now: they are banned, or have no account. */
  barred(userIds: string[], traceparent?: string): Promise<string[]>;
}

/** Whom a socket would be of: by a ticket, which is then used up, or by an access token that was verified. */
export type Admission = { ticket: string } | { userId: string; sessionId: string };

/** Rows of one table, as a service gives them to a person's copy of their data. */
export interface ExportPage {
  table: string;
  /** From 0. */
  page: number;
  rows: unknown[];
  /** The key of the last row; null when the table has no more. */
  after: string[] | null;
}

/** `away`: connected, with devices that nobody uses. */
export const PRESENCE_STATUSES = ["online", "away", "offline"] as const;

/** A person over all their devices, as it was at a time: what is told later may be older. */
export interface PresenceState {
  userId: string;
  status: (typeof PRESENCE_STATUSES)[number];
  /** Of who is offline, where it is known. */
  lastSeenAt: string | null;
  at: string;
}

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
  /** The same, something else to each. */
  publishEach(
    deliveries: { userId: string; publications: Publication[] }[],
    traceparent?: string,
  ): Promise<{ failed: string[]; connected: string[] }>;
  /** Whether the people, up to 25, are there. The caller answers for it that whoever asked may know. */
  presence(userIds: string[], traceparent?: string): Promise<PresenceState[]>;
  /** The same, and from now on each change of it is pushed to the watcher's devices for some minutes; a repeat prolongs that. */
  watch(
    watcherId: string,
    userIds: string[],
    traceparent?: string,
  ): Promise<{ items: PresenceState[]; until: string }>;
  /** Pushes a person's presence to one watcher no more, or to all. */
  unwatch(userId: string, watcherId: string | null, traceparent?: string): Promise<void>;
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
