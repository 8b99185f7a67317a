import { z } from "zod";

/** What events are of: `inbox`, `chat`, `prices.XAU.USD`. */
export const Channel = z
  .string()
  .max(128)
  .regex(/^[a-z][a-z0-9]*(\.[A-Za-z0-9_-]{1,64}){0,3}$/);

/** Where a client stands in a channel. The epoch changes when the channel's offsets begin anew. */
export const Position = z.object({ epoch: z.string().min(1).max(32), offset: z.int().min(0) });
export type Position = z.infer<typeof Position>;

/** By which a client knows the answer to its own frame. */
export const FrameId = z.string().min(1).max(64);

const Ping = z
  .object({ type: z.literal("ping") })
  .describe("Sent every 25 seconds; answered with `pong` without waking anyone.");
const Subscribe = z
  .object({ type: z.literal("subscribe"), channel: Channel, since: Position.optional() })
  .describe("Asks for a channel's events from `since` on, or from now.");
const Unsubscribe = z
  .object({ type: z.literal("unsubscribe"), channel: Channel })
  .describe("Asks for no more of a channel.");
const Received = z
  .object({ type: z.literal("received"), mark: z.int().min(0) })
  .describe("The answer to `mark`.");

/** What every endpoint takes from a client. A service's own frames come beside them, each with a `type` of its own. */
export const ControlFrame = z.discriminatedUnion("type", [Ping, Subscribe, Unsubscribe, Received]);
export type ControlFrame = z.infer<typeof ControlFrame>;

const Hello = z
  .object({
    type: z.literal("hello"),
    userId: z.uuid(),
    at: z.iso.datetime(),
    heartbeatMs: z.int().describe("How often to send `ping`."),
  })
  .describe("Comes first.");
const Subscribed = z
  .object({
    type: z.literal("subscribed"),
    channel: Channel,
    ...Position.shape,
    recovered: z.boolean(),
    latest: z.unknown().optional().describe("What holds now, where the channel has such a thing."),
  })
  .describe(
    "The answer to `subscribe`. `recovered`: all that came after `since` follows now, in order, up to `offset`. Else nothing of it does: load the state anew.",
  );
const Unsubscribed = z
  .object({ type: z.literal("unsubscribed"), channel: Channel })
  .describe("By request, or because the client may not read the channel any more.");
const Event = z
  .object({ type: z.literal("event"), channel: Channel, ...Position.shape, data: z.unknown() })
  .describe("What happened. Offsets go up by one; where one is left out, subscribe again with `since`.");
const Ephemeral = z
  .object({ type: z.literal("ephemeral"), channel: Channel, data: z.unknown() })
  .describe("What holds for the moment: nobody keeps it, and it has no offset.");
const Top = z
  .object({ type: z.literal("position"), channel: Channel, ...Position.shape })
  .describe("How far the channel is. Who is not there subscribes again with `since`.");
const Ack = z
  .object({ type: z.literal("ack"), id: FrameId, data: z.unknown().optional() })
  .describe("The client's frame of this id has been carried out, and what came of it is stored.");
const Failure = z
  .object({
    type: z.literal("error"),
    code: z.string(),
    message: z.string(),
    id: FrameId.optional(),
    channel: Channel.optional(),
    retryAfter: z.number().optional().describe("Seconds after which a repeat may succeed."),
  })
  .describe("A frame was refused; `id` is the frame's, where it had one.");
const Mark = z
  .object({ type: z.literal("mark"), mark: z.int() })
  .describe("Answer it with `received`: who does not is taken to be slow, and closed.");
const Pong = z.object({ type: z.literal("pong") }).describe("The answer to `ping`.");

export const SingleFrame = z.discriminatedUnion("type", [
  Hello,
  Subscribed,
  Unsubscribed,
  Event,
  Ephemeral,
  Top,
  Ack,
  Failure,
  Mark,
  Pong,
]);
export type SingleFrame = z.infer<typeof SingleFrame>;

const Batch = z
  .object({ type: z.literal("batch"), frames: z.array(SingleFrame) })
  .describe("Frames that go together, in their order.");

/** What the server sends. Types and fields will be added: a client passes over what it does not know. */
export const ServerFrame = z.discriminatedUnion("type", [...SingleFrame.options, Batch]);
export type ServerFrame = z.infer<typeof ServerFrame>;

/** The codes of `error` that the protocol itself has; a service's own frames bring theirs. */
export const FRAME_ERRORS = {
  malformed_frame: "Send JSON as text.",
  unknown_frame: "There is no such frame.",
  invalid_frame: "The frame's fields are not as they should be.",
  unknown_channel: "There is no such channel here, or it is not yours to read.",
  too_many_subscriptions: "This socket has as many subscriptions as it may.",
  too_many_frames: "Send fewer frames.",
} as const;
export type FrameError = keyof typeof FRAME_ERRORS;

/** What was published to a channel and may be sent as `event`, or as `ephemeral` where it is not to be kept. */
export const Publication = z.object({
  channel: Channel,
  data: z.record(z.string(), z.unknown()),
  ephemeral: z.boolean().optional(),
  /** A second publication of the same key to the channel is none. Remembered as long as the event can be caught up on. */
  key: z.string().min(1).max(200).optional(),
  /** What of the channel is kept with a key that begins so is kept as this from now on: who catches up is told no more than holds. */
  supersedes: z.string().min(1).max(200).optional(),
});
export type Publication = z.infer<typeof Publication>;
