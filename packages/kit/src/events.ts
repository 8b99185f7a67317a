import { z } from "zod";

/** The consumers that events are delivered to; each has one queue (a queue has one consumer). */
export const SUBSCRIBERS = [
  "gateway",
  "auth",
  "users",
  "alerts",
  "notifications",
  "email-urgent",
  "email-bulk",
  "chat",
] as const;
export type Subscriber = (typeof SUBSCRIBERS)[number];

const aboutUser = z.object({ userId: z.uuid() });
/** The provider is its name as people know it, "Google". */
const withProvider = aboutUser.extend({ provider: z.string() });
const audience = z.enum(["public", "user", "friend", "nobody"]);
/** What one person did towards another; `silent` when the other has muted the one and is not to be told. */
const towards = aboutUser.extend({ otherId: z.uuid() });
const telling = towards.extend({ silent: z.boolean() });
const mail = z.object({ emailId: z.uuid(), userId: z.uuid(), template: z.string(), causeId: z.uuid() });
/** `change` grows with each leaving and each return of a person, so that whoever gets them late knows which came last. */
const aboutPresence = aboutUser.extend({ change: z.int().min(1) });
const aboutExport = aboutUser.extend({ exportId: z.uuid() });
const aboutErasure = aboutUser.extend({ erasureId: z.uuid() });
const inConversation = z.object({ conversationId: z.uuid(), messageId: z.uuid(), seq: z.int().min(1) });
const aboutKey = aboutUser.extend({ apiKeyId: z.uuid() });
const aboutPasskey = aboutUser.extend({ passkeyId: z.uuid() });
const decimal = z.string().regex(/^\d+(\.\d+)?$/);

const aBan = z.object({ since: z.iso.datetime(), until: z.iso.datetime().nullable() });

/**
 * Every event type: its version, the facts it carries and who gets it.
 * Data holds ids and facts, never secrets or addresses: whoever needs a link or an address asks its owner when it acts.
 */
export const EVENTS = {
  "user.registered": { version: 1, data: aboutUser, subscribers: ["users", "notifications", "email-urgent"] },
  "user.imported": { version: 1, data: aboutUser, subscribers: ["users"] },
  "user.registration_repeated": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "verification.requested": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "user.verified": { version: 1, data: aboutUser, subscribers: ["email-bulk"] },
  "role.granted": {
    version: 1,
    data: aboutUser.extend({ role: z.string(), before: z.string(), grantedBy: z.string() }),
    subscribers: [],
  },
  "password.reset_requested": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "mail_sign_in.requested": {
    version: 1,
    data: aboutUser.extend({ mailSignInId: z.uuid() }),
    subscribers: ["email-urgent"],
  },
  "password.changed": {
    version: 1,
    data: aboutUser.extend({ by: z.enum(["change", "reset"]) }),
    subscribers: ["email-urgent", "notifications"],
  },
  "session.opened": {
    version: 1,
    /** The device is a name like "Firefox on Linux". It is new when the account has been used before, but not so and from there. */
    data: aboutUser.extend({ sessionId: z.uuid(), device: z.string(), newDevice: z.boolean() }),
    subscribers: ["email-urgent"],
  },
  "session.revoked": {
    version: 1,
    data: aboutUser.extend({ sessionId: z.uuid(), reason: z.string() }),
    subscribers: ["notifications", "chat"],
  },
  "impersonation.started": {
    version: 1,
    data: aboutUser.extend({ sessionId: z.uuid(), impersonatedBy: z.uuid() }),
    subscribers: [],
  },
  /** Before its hour was over. */
  "impersonation.ended": {
    version: 1,
    data: aboutUser.extend({ sessionId: z.uuid(), impersonatedBy: z.uuid(), reason: z.string() }),
    subscribers: [],
  },
  "user.banned": {
    version: 1,
    /** `before` is the ban that this one replaced, which may have expired. */
    data: aboutUser.extend({
      bannedBy: z.uuid(),
      until: z.iso.datetime().nullable(),
      before: aBan.nullable(),
    }),
    subscribers: [],
  },
  "user.unbanned": {
    version: 1,
    data: aboutUser.extend({ unbannedBy: z.uuid(), before: aBan }),
    subscribers: [],
  },
  "account.locked": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "second_factor.enabled": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "second_factor.disabled": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "recovery_code.used": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "recovery_codes.renewed": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "api_key.created": { version: 1, data: aboutKey, subscribers: ["email-urgent"] },
  "api_key.rolled": { version: 1, data: aboutKey, subscribers: ["email-urgent"] },
  "api_key.revoked": { version: 1, data: aboutKey, subscribers: [] },
  "identity.linked": { version: 1, data: withProvider, subscribers: ["email-urgent"] },
  "identity.unlinked": { version: 1, data: withProvider, subscribers: ["email-urgent"] },
  "passkey.added": { version: 1, data: aboutPasskey, subscribers: ["email-urgent"] },
  "passkey.removed": { version: 1, data: aboutPasskey, subscribers: ["email-urgent"] },
  "address.change_requested": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "address.changed": { version: 1, data: aboutUser, subscribers: ["email-urgent"] },
  "account.deactivated": { version: 1, data: aboutPresence, subscribers: ["alerts"] },
  "account.deletion_requested": {
    version: 1,
    data: aboutPresence.extend({ deleteAfter: z.iso.datetime() }),
    subscribers: ["email-urgent", "alerts"],
  },
  /** Who had deactivated the account or asked for its deletion has logged in. */
  "account.returned": { version: 1, data: aboutPresence, subscribers: ["alerts"] },
  "person.export_requested": {
    version: 1,
    data: aboutExport,
    subscribers: ["users", "alerts", "notifications", "email-bulk", "chat"],
  },
  /** A service has given a chunk of a person's rows; where it goes on in each table that has more. */
  "person.export_continued": {
    version: 1,
    data: aboutExport.extend({
      service: z.string(),
      tables: z.record(z.string(), z.object({ page: z.int().min(1), after: z.array(z.string()) })),
    }),
    subscribers: ["users", "alerts", "notifications", "email-bulk", "chat"],
  },
  "person.erasure_requested": {
    version: 1,
    data: aboutErasure,
    subscribers: ["users", "alerts", "notifications", "email-bulk", "chat"],
  },
  "person.data_erased": {
    version: 1,
    data: aboutErasure.extend({ counts: z.record(z.string(), z.int().min(0)) }),
    subscribers: ["auth"],
  },
  "account.erased": { version: 1, data: aboutErasure, subscribers: [] },
  "preferences.updated": {
    version: 1,
    data: aboutUser.extend({ notifications: z.boolean(), updatedAt: z.iso.datetime() }),
    subscribers: ["notifications", "users"],
  },
  "profile.updated": {
    version: 1,
    data: aboutUser.extend({ fields: z.array(z.string()) }),
    subscribers: ["users"],
  },
  "username.changed": {
    version: 1,
    data: aboutUser.extend({ username: z.string() }),
    subscribers: ["users"],
  },
  "privacy.updated": {
    version: 1,
    data: aboutUser.extend({
      profileVisibility: audience,
      activityVisibility: audience,
      contactAudience: z.enum([...audience.options, "followed"]),
      searchable: z.boolean(),
    }),
    subscribers: ["chat"],
  },
  "user.followed": { version: 1, data: telling, subscribers: ["notifications", "users"] },
  "user.unfollowed": { version: 1, data: towards, subscribers: ["users"] },
  "user.blocked": { version: 1, data: towards, subscribers: ["chat"] },
  "user.unblocked": { version: 1, data: towards, subscribers: ["chat"] },
  "user.muted": { version: 1, data: towards, subscribers: [] },
  "user.unmuted": { version: 1, data: towards, subscribers: [] },
  "friend.requested": { version: 1, data: telling, subscribers: ["notifications", "users"] },
  "friend.accepted": { version: 1, data: telling, subscribers: ["notifications", "users"] },
  "friend.declined": { version: 1, data: towards, subscribers: [] },
  "friend.cancelled": { version: 1, data: towards, subscribers: [] },
  "friend.removed": { version: 1, data: towards, subscribers: ["chat"] },
  "price.updated": {
    version: 1,
    data: z.object({
      metal: z.string(),
      currency: z.string(),
      price: decimal,
      previousPrice: decimal.nullable(),
      quotedAt: z.iso.datetime({ offset: true }),
      fetchedAt: z.iso.datetime({ offset: true }),
    }),
    subscribers: ["notifications", "gateway"],
  },
  "alert.triggered": {
    version: 1,
    data: z.object({
      alertId: z.uuid(),
      historyId: z.uuid(),
      userId: z.uuid(),
      metal: z.string(),
      currency: z.string(),
      type: z.enum(["above", "below"]),
      threshold: decimal,
      unit: z.string(),
      karat: z.int(),
      price: decimal,
      note: z.string().nullable(),
      quotedAt: z.iso.datetime({ offset: true }),
      triggeredAt: z.iso.datetime({ offset: true }),
    }),
    subscribers: ["notifications", "email-bulk"],
  },
  /** No sender: the system wrote it. */
  "message.sent": {
    version: 1,
    data: inConversation.extend({ senderId: z.uuid().nullable() }),
    subscribers: [],
  },
  "file.shared": {
    version: 1,
    data: inConversation.extend({ senderId: z.uuid(), mediaIds: z.array(z.uuid()) }),
    subscribers: [],
  },
  /** A member's read cursor moved, told at most once for each write of the archive. */
  "message.read": {
    version: 1,
    data: aboutUser.extend({ conversationId: z.uuid(), seq: z.int().min(0) }),
    subscribers: [],
  },
  /** A member has not read for a while what others wrote, and no device of theirs is connected. */
  "message.unread": {
    version: 1,
    data: inConversation.extend({ userId: z.uuid(), senderId: z.uuid().nullable(), unread: z.int().min(1) }),
    subscribers: ["notifications"],
  },
  /** Somebody who may not write to a person at once asks them. */
  "conversation.requested": {
    version: 1,
    data: towards.extend({ conversationId: z.uuid() }),
    subscribers: ["notifications"],
  },
  "message.reported": {
    version: 1,
    data: inConversation.extend({ reportId: z.uuid(), userId: z.uuid() }),
    subscribers: [],
  },
  /** What an admin set for all gateways, one by one; a large change comes in several events. */
  "control.changed": {
    version: 1,
    data: z.object({
      version: z.int().min(1),
      changedBy: z.uuid(),
      changes: z.array(z.object({ setting: z.string(), before: z.json(), after: z.json() })),
    }),
    subscribers: [],
  },
  "email.sent": { version: 1, data: mail, subscribers: ["notifications"] },
  "email.failed": { version: 1, data: mail.extend({ reason: z.string() }), subscribers: ["notifications"] },
} as const satisfies Record<
  string,
  { version: number; data: z.ZodObject; subscribers: readonly Subscriber[] }
>;

export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = z.infer<(typeof EVENTS)[T]["data"]>;
/** Whether events of a type are to be drained: somebody is told of them, or what was kept of a person goes with them. */
export const isDrained = (type: EventType): boolean =>
  EVENTS[type].subscribers.length > 0 || type === "account.erased";
export const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]];

/** An event as it travels: CloudEvents 1.0 JSON. Extension attributes are lower case, as that standard demands. */
export const EventEnvelope = z.object({
  specversion: z.literal("1.0"),
  id: z.uuid(),
  type: z.enum(EVENT_TYPES),
  source: z.string(),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal("application/json"),
  aggregateid: z.string(),
  version: z.int(),
  traceparent: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type EventEnvelope = z.infer<typeof EventEnvelope>;

/** An envelope whose data has been parsed by its type's schema. */
export type SoukEvent<T extends EventType> = Omit<EventEnvelope, "type" | "data"> & {
  type: T;
  data: EventData<T>;
};

/** What a subscriber's queue carries. The subscriber is named so that a dead letter knows where it came from. */
export const Delivery = z.object({ subscriber: z.enum(SUBSCRIBERS), event: EventEnvelope });
export type Delivery = z.infer<typeof Delivery>;

/** What a consumer sends to `dead-letters` when it gives up. A bare Delivery there comes from the platform, which gives no reason. */
export const DeadLetter = z.object({
  subscriber: z.enum(SUBSCRIBERS).nullable(),
  reason: z.string(),
  attempts: z.int(),
  body: z.unknown(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;
