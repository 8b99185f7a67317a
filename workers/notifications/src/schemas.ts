import { z } from "@hono/zod-openapi";
import { METALS } from "@souk/db/schema/alerts";
import { CHANNELS, DELIVERY_STATUSES } from "@souk/db/schema/notifications";
import { EVENTS } from "@souk/kit/events";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { FrameId } from "@souk/kit/realtime/frames";
import type { OwnFrames } from "@souk/kit/realtime/parse-frame";
import { PRESENCE_STATUSES } from "@souk/kit/rpc";

const DeliveryState = z.object({ status: z.enum(DELIVERY_STATUSES), at: z.iso.datetime() });

export const Notification = z
  .object({
    id: z.uuid(),
    type: z
      .string()
      .openapi({ description: "The type of the event that it tells of", example: "alert.triggered" }),
    title: z.string(),
    message: z.string(),
    data: z.record(z.string(), z.unknown()).openapi({ description: "The facts, by the event's type" }),
    readAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    email: DeliveryState.nullable().openapi({
      description: "What became of the mail about it, once that is known",
    }),
  })
  .openapi("Notification");
export type Notification = z.infer<typeof Notification>;

export const NotificationQuery = PageQuery.extend({
  unread: z
    .enum(["true", "false"])
    .default("false")
    .openapi({ description: "`true` lists only what is unread" }),
});
export type NotificationQuery = z.infer<typeof NotificationQuery>;

export const NotificationPage = pageOf(Notification).openapi("NotificationPage");
export type NotificationPage = z.infer<typeof NotificationPage>;

export const NotificationId = z.object({ id: z.uuid() });

export const UnreadCount = z.object({ unread: z.int() }).openapi("UnreadCount");
export const ReadCount = z.object({ read: z.int() }).openapi("ReadCount");

const channels = { email: z.boolean(), inApp: z.boolean(), push: z.boolean() };

export const NotificationPreferences = z
  .object({
    ...channels,
    muted: z
      .boolean()
      .openapi({ description: "The master switch is off: see `notifications` of your preferences" }),
  })
  .openapi("NotificationPreferences");
export type NotificationPreferences = z.infer<typeof NotificationPreferences>;

/** A field left out keeps its value. */
export const NotificationPreferencesChange = z
  .strictObject(channels)
  .partial()
  .openapi("NotificationPreferencesChange");
export type NotificationPreferencesChange = z.infer<typeof NotificationPreferencesChange>;

export const Ticket = z.object({ ticket: z.string(), expiresAt: z.iso.datetime() }).openapi("RealtimeTicket");
export type Ticket = z.infer<typeof Ticket>;

const unread = z.int();

/** The channels of a person's hub: what `notifications` tells them, what `chat` does, and whom they watch. */
export const HUB_CHANNELS = ["inbox", "chat", "presence"] as const;

/** What the events of `inbox` tell. Types and fields will be added: a client passes over what it does not know. */
export const InboxEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("notification"), notification: Notification, unread }),
  z.object({ type: z.literal("unread"), unread }),
  z.object({
    type: z.literal("delivery"),
    notificationId: z.uuid(),
    channel: z.enum(CHANNELS),
    ...DeliveryState.shape,
  }),
]);
export type InboxEvent = z.infer<typeof InboxEvent>;
export type DeliveryReport = Extract<InboxEvent, { type: "delivery" }>;

/** What `subscribed` says of `inbox`. */
export const InboxLatest = z.object({ unread });

/** What the ephemeral frames of `presence` tell: what was true last, by `at`, counts. */
export const PresenceEvent = z.object({
  type: z.literal("presence"),
  userId: z.uuid(),
  status: z.enum(PRESENCE_STATUSES),
  lastSeenAt: z.iso.datetime().nullable(),
  at: z.iso.datetime(),
});
export type PresenceEvent = z.infer<typeof PresenceEvent>;

/** What a client may send to its hub, besides the protocol's own. */
export const HubFrame = z.discriminatedUnion("type", [
  z
    .object({ type: z.literal("activity"), id: FrameId, idle: z.boolean() })
    .describe(
      "Says whether somebody uses this device; a new socket counts as used. Who has idle devices only is away.",
    ),
]);
export type HubFrame = z.infer<typeof HubFrame>;
export const HUB_FRAMES: OwnFrames<HubFrame> = {
  types: HubFrame.options.map(({ shape }) => shape.type.value),
  schema: HubFrame,
};

/** A count of unread notifications and the database's time at which it was true, in a form that sorts by time. */
export const Unread = z.object({ unread, asOf: z.string() });
export type Unread = z.infer<typeof Unread>;

/** With what a hub accepts a socket that has been authorised. */
export const Connection = z.object({ userId: z.uuid(), sessionId: z.uuid(), connectedAt: z.iso.datetime() });
export type Connection = z.infer<typeof Connection>;

/** A pair as a room's path names it, `XAU.USD`. */
export const RoomPair = z.object({
  pair: z
    .string()
    .transform((text) => text.split("."))
    .pipe(z.tuple([z.enum(METALS), z.string().regex(/^[A-Z]{3}$/)]))
    .transform(([metal, currency]) => ({ metal, currency }))
    .openapi({ type: "string", example: "XAU.USD" }),
});

/** What the events of a price's room tell, and what `subscribed` says of it. */
export const LivePrice = EVENTS["price.updated"].data.extend({ type: z.literal("price") });
export type LivePrice = z.infer<typeof LivePrice>;

/** Which room an object is asked for, and which of the room's objects it is. */
export const RoomRequest = z.object({ room: z.string(), shard: z.int().min(0) });
export type RoomRequest = z.infer<typeof RoomRequest>;
