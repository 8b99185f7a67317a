const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every period of this service, in seconds. */
export const LIMITS = {
  /** S3-AUTH-13. */
  accessToken: HOUR,
  /** A session ends this long after its log-in, however busy. */
  session: 30 * DAY,
  /** A session ends this long after its last refresh. */
  sessionIdle: 7 * DAY,
  /** An older refresh token still works this long after the last refresh: concurrent tabs (GoTrue's default). */
  refreshReuse: 10,
  link: { verify_email: DAY, reset_password: HOUR, leave_email: DAY, join_email: DAY },
  /** A copy of a person's data is kept this long, and not made anew within a day. */
  exportKept: 7 * DAY,
  exportInterval: DAY,
  /** Between asking for deletion and erasure: a log-in before cancels it. */
  deletionGrace: 14 * DAY,
  /** Services that have not answered a request for erasure by then are asked again. */
  erasureAnswer: DAY,
  /** Between two mails of one purpose that strangers can ask for. */
  mailInterval: MINUTE,
} as const;

/** The time so many seconds after another; before it, when negative. */
export const later = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000);
