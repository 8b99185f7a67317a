/** Every number of the realtime protocol. */
export const REALTIME = {
  /** Of a frame from a client. */
  frameBytes: 64 * 1024,
  /** Into how much the server puts frames that go out together. */
  batchBytes: 64 * 1024,
  socketsPerUser: 20,
  subscriptionsPerSocket: 50,
  ticketMs: 30_000,
  /** How often a client sends `ping`, and after how long without one it counts as gone. */
  heartbeatMs: 25_000,
  silentMs: 90_000,
  /** Frames that a socket may send, other than `ping`. */
  frames: { perSecond: 50, burst: 100 },
  /**
   * A frame to a quiet channel goes at once; what follows within this time goes together, in a channel of many sockets within so much for
   * each of them, but never later than the most: a frame costs some 50 microseconds of the object's time for each socket.
   */
  coalesceMs: 5,
  coalesceMsPerSocket: 0.25,
  coalesceMostMs: 100,
  /** After so many bytes the client is asked to say that it has them; with so many on the way it is too slow. */
  markBytes: 256 * 1024,
  slowBytes: 2 * 1024 * 1024,
  /** A stream of server-sent events ends after its life, and its client comes back. */
  stream: { lifeMs: 5 * 60_000, heartbeatMs: 25_000, retryMs: 2_000 },
  /** What of a channel a client can catch up on after a cut; older than that, it loads anew. */
  log: { events: 500, bytes: 1024 * 1024, ageMs: 24 * 60 * 60_000 },
} as const;
