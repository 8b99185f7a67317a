/**
 * Why the server closes a socket. After 4000 to 4099 a client does not connect again by itself: something about it must change first.
 * After 4100 to 4199, and whenever a connection is lost, it does, with a growing wait.
 */
export const CLOSE = {
  sessionEnded: { code: 4001, reason: "session_ended" },
  notAllowed: { code: 4003, reason: "not_allowed" },
  tooManySockets: { code: 4008, reason: "too_many_sockets" },
  accountGone: { code: 4010, reason: "account_gone" },
  tooLarge: { code: 1009, reason: "frame_too_large" },
  slowConsumer: { code: 4101, reason: "slow_consumer" },
  tooManyFrames: { code: 4102, reason: "too_many_frames" },
  silent: { code: 4103, reason: "no_heartbeat" },
} as const;
export type Close = (typeof CLOSE)[keyof typeof CLOSE];

/** Closes that a client does not answer by connecting again: besides 4000 to 4099, what says that it broke the protocol. */
export const FINAL_CODES = { from: 4000, to: 4099, besides: [1002, 1003, 1007, 1008, 1009] } as const;

/** A closing handshake may not carry the codes that only say how a connection ended (RFC 6455, 7.4.1). */
export const sendableCode = (code: number): number =>
  code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000;
