import { FrameId } from "@souk/kit/realtime/frames";
import type { OwnFrames } from "@souk/kit/realtime/parse-frame";
import { z } from "zod";
import { Conversation } from "./schemas/conversation.ts";
import { Member } from "./schemas/member.ts";
import { Message, NewMessage } from "./schemas/message.ts";
import { ScheduledMessage } from "./schemas/scheduled.ts";

export type { Message } from "./schemas/message.ts";

const conversationId = z.uuid();

/**
 * What the events of a hub's channel `chat` and of a room's `room.ID` tell. Each tells a state, and the latest counts; `member`, `me` and
 * `scheduled` come through hubs alone. `typing` is ephemeral.
 */
export const ChatEvent = z.discriminatedUnion("type", [
  /** A new message, or what became of one: the higher `revision` is the newer state. */
  z.object({ type: z.literal("message"), message: Message }),
  /** Settings. */
  z.object({
    type: z.literal("conversation"),
    conversationId,
    title: Conversation.shape.title,
    history: Conversation.shape.history,
    keepDays: Conversation.shape.keepDays,
    suspended: z.boolean(),
  }),
  /** A member's role, status or cursors. */
  z.object({ type: z.literal("member"), conversationId, member: Member }),
  /** The person's own state, for all their devices. */
  z.object({
    type: z.literal("me"),
    conversationId,
    me: Conversation.shape.me,
    unread: Conversation.shape.unread,
  }),
  /**
   * Of a message that the person deleted for themself, or, in a room, that is from before they joined: whatever else is told of it, it
   * stays empty to them.
   */
  z.object({ type: z.literal("hidden"), conversationId, seq: Message.shape.seq }),
  /** What the person wrote to be sent later, for all their devices; without `message` it was sent or taken back. */
  z.object({
    type: z.literal("scheduled"),
    conversationId,
    clientMessageId: ScheduledMessage.shape.clientMessageId,
    revision: ScheduledMessage.shape.revision,
    message: z.object(ScheduledMessage.shape).nullable(),
  }),
  z.object({ type: z.literal("typing"), conversationId, userId: z.uuid() }),
]);
export type ChatEvent = z.infer<typeof ChatEvent>;

/** What a client may send over the socket of a room, besides the protocol's own. */
export const RoomFrame = z.discriminatedUnion("type", [
  z
    .object({ type: z.literal("message.send"), id: FrameId, message: NewMessage })
    .describe("Sends a message; `ack` brings it back once it is durable."),
  z
    .object({ type: z.literal("read"), id: FrameId, seq: z.int().min(0) })
    .describe("Moves my read cursor; `ack` brings my cursors back."),
  z
    .object({ type: z.literal("typing") })
    .describe("I am typing. Told to the others now and then, not answered."),
]);
export type RoomFrame = z.infer<typeof RoomFrame>;

export const ROOM_FRAMES: OwnFrames<RoomFrame> = {
  types: RoomFrame.options.map(({ shape }) => shape.type.value),
  schema: RoomFrame,
};
