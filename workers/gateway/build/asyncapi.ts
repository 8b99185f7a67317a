import { CLOSE } from "@souk/kit/realtime/close-codes";
import { ControlFrame, FRAME_ERRORS, ServerFrame } from "@souk/kit/realtime/frames";
import { REALTIME } from "@souk/kit/realtime/limits";
import { z } from "zod";
import { ChatEvent, RoomFrame } from "../../chat/src/realtime.ts";
import {
  HUB_CHANNELS,
  HubFrame,
  InboxEvent,
  InboxLatest,
  LivePrice,
  PresenceEvent,
} from "../../notifications/src/schemas.ts";

type Frame = z.ZodObject<{ type: z.ZodLiteral<string> }>;

/** One address that clients connect to. */
interface Endpoint {
  address: string;
  title: string;
  description: string;
  parameters?: Record<string, { description: string; examples: string[] }>;
  /** Frames of its own that it takes besides the protocol's. Undefined where it takes none at all. */
  takes: readonly Frame[] | undefined;
}

const TICKET =
  "Authorised by a ticket of `POST /api/v1/realtime/tickets` as `?ticket=`, or by an access token as `Authorization`.";

const ENDPOINTS: Record<string, Endpoint> = {
  hub: {
    address: "/ws",
    title: "My hub",
    description: `${TICKET} Its channels are ${HUB_CHANNELS.map((channel) => `\`${channel}\``).join(" and ")}. An event of \`inbox\` has an InboxEvent as data, \`subscribed\` an InboxLatest as latest; an event of \`chat\` has a ChatEvent; what is ephemeral on \`presence\` is a PresenceEvent.`,
    takes: HubFrame.options,
  },
  rooms: {
    address: "/ws/rooms/{id}",
    title: "The room of a conversation",
    description: `${TICKET} Its one channel is \`room.{id}\`. An event has a ChatEvent as data. Every conversation has a room, one of two people too: it is where messages, cursors and typing go by frame.`,
    parameters: {
      id: { description: "The conversation's id", examples: ["01900000-0000-7000-8000-000000000000"] },
    },
    takes: RoomFrame.options,
  },
  prices: {
    address: "/ws/rooms/prices/{pair}",
    title: "The live price of a pair",
    description: `${TICKET} Its one channel is \`prices.{pair}\`. An event has a LivePrice as data, \`subscribed\` one as latest.`,
    parameters: { pair: { description: "Metal and currency", examples: ["XAU.USD"] } },
    takes: [],
  },
  roomEvents: {
    address: "/api/v1/realtime/rooms/{id}/events",
    title: "The room of a conversation as server-sent events",
    description: `${TICKET} As \`/api/v1/realtime/events\` is, of the channel \`room.{id}\`.`,
    parameters: {
      id: { description: "The conversation's id", examples: ["01900000-0000-7000-8000-000000000000"] },
    },
    takes: undefined,
  },
  priceEvents: {
    address: "/api/v1/realtime/rooms/prices/{pair}/events",
    title: "The live price of a pair as server-sent events",
    description: `${TICKET} As \`/api/v1/realtime/events\` is, of the channel \`prices.{pair}\`.`,
    parameters: { pair: { description: "Metal and currency", examples: ["XAU.USD"] } },
    takes: undefined,
  },
  events: {
    address: "/api/v1/realtime/events",
    title: "My hub as server-sent events",
    description: `${TICKET} One frame in the data of each event; batches are taken apart. It subscribes by itself to the hub's channels, from the cursor in \`Last-Event-ID\` or \`lastEventId\` on: the id of the last event, or \`channel:epoch:offset\` for each channel, comma-separated, by who was connected otherwise before.`,
    takes: undefined,
  },
};

/** What is in the data of events, and other schemas that clients are given by name. */
export const DATA_SCHEMAS = { ChatEvent, InboxEvent, InboxLatest, LivePrice, PresenceEvent };

const typeOf = (frame: Frame): string => frame.shape.type.value;
const jsonSchema = (schema: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return rest;
};
const messageOf = (frame: Frame) => ({
  name: typeOf(frame),
  title: typeOf(frame),
  summary: frame.description ?? "",
  contentType: "application/json",
  payload: jsonSchema(frame),
});
const byType = (frames: readonly Frame[], to: (type: string) => object) =>
  Object.fromEntries(frames.map((frame) => [typeOf(frame), to(typeOf(frame))]));

/** The frames of services' own that clients send. */
export const CLIENT_FRAMES = { HubFrame, RoomFrame };

/** The AsyncAPI document of the realtime protocol, from its frames. It describes the server: what it receives, a client sends. */
export function asyncApiDocument(version: string): object {
  const own = Object.values(ENDPOINTS).flatMap(({ takes }) => takes ?? []);
  const messages = [...ControlFrame.options, ...ServerFrame.options, ...own];
  const channels = Object.entries(ENDPOINTS).map(([name, { takes, ...endpoint }]) => {
    const taken = takes === undefined ? [] : [...ControlFrame.options, ...takes];
    const ref = (type: string) => ({ $ref: `#/components/messages/${type}` });
    return [name, { ...endpoint, messages: byType([...taken, ...ServerFrame.options], ref) }] as const;
  });
  const operations = Object.entries(ENDPOINTS).flatMap(([name, { title, takes }]) => {
    const channel = { $ref: `#/channels/${name}` };
    const listed = (frames: readonly Frame[]) =>
      frames.map((frame) => ({ $ref: `#/channels/${name}/messages/${typeOf(frame)}` }));
    const sends = {
      action: "send",
      channel,
      description: `${title}: to the client`,
      messages: listed(ServerFrame.options),
    };
    const receives = {
      action: "receive",
      channel,
      description: `${title}: from the client`,
      messages: listed([...ControlFrame.options, ...(takes ?? [])]),
    };
    return [
      [`${name}Sends`, sends] as const,
      ...(takes === undefined ? [] : [[`${name}Receives`, receives] as const]),
    ];
  });
  return {
    asyncapi: "3.1.0",
    info: {
      title: "Souk realtime",
      version,
      description:
        "One protocol for all addresses. After `hello` a client subscribes to channels. Each channel has an epoch and offsets that go up by one: a client that was cut off subscribes with `since`, and gets all that it missed, in order, or `recovered: false` and none of it. What comes twice it knows by the offset. It sends `ping` every 25 seconds and answers `mark` with `received`. After a lost connection, and after close codes 4100 to 4199, it connects again with a wait that grows and is drawn by chance; after 4000 to 4099 it does not.",
      license: { name: "MIT" },
      tags: [{ name: "realtime" }],
    },
    servers: {
      here: { host: "api.example.com", protocol: "wss", description: "Where the API is" },
    },
    defaultContentType: "application/json",
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(operations),
    components: {
      messages: Object.fromEntries(messages.map((frame) => [typeOf(frame), messageOf(frame)])),
      schemas: Object.fromEntries(
        Object.entries(DATA_SCHEMAS).map(([name, schema]) => [name, jsonSchema(schema)]),
      ),
    },
    "x-close-codes": Object.values(CLOSE),
    "x-error-codes": FRAME_ERRORS,
    "x-limits": REALTIME,
  };
}
