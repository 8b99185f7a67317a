export { createSouk, type Souk, type SoukOptions } from "./client.ts";
export type { ChannelHandlers } from "./realtime/channel-state.ts";
export { connectRealtime } from "./realtime/connect.ts";
export {
  CLOSE_CODES,
  type ChatEvent,
  type InboxEvent,
  type InboxLatest,
  type LivePrice,
  type Position,
  type PresenceEvent,
  type ServerFrame,
  type SingleFrame,
} from "./realtime/frames.ts";
export type { Connection, ConnectionHandlers } from "./realtime/open-web-socket.ts";
export type { RealtimeState } from "./realtime/options.ts";
export { RealtimeError } from "./realtime/outbox.ts";
export type { Realtime } from "./realtime/realtime.ts";
export type { components } from "./schema.ts";
export type { Tokens } from "./session.ts";
export { SoukError, type ErrorCode } from "./souk-error.ts";
