const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every period of this service, in seconds, and every number that bounds attempts. */
export const LIMITS = {
  /** S3-AUTH-13. */
  accessToken: HOUR,
  /** A session ends this long after its log-in, however busy. */
  session: 30 * DAY,
  /** A session ends this long after its last refresh. */
  sessionIdle: 7 * DAY,
  /** What stands in a person's security log stays this long. */
  securityEvent: 90 * DAY,
  /** A session is kept this long after its end: a log-in from a device that was not seen for so long counts as from a new one. */
  sessionKept: 90 * DAY,
  /** An older refresh token still works this long after the last refresh: concurrent tabs (GoTrue's default). */
  refreshReuse: 10,
  /** Clocks may differ so far: the gateway accepts an access token this long after its end. */
  clockTolerance: MINUTE,
  link: { verify_email: DAY, reset_password: HOUR, unlock_account: DAY, leave_email: DAY, join_email: DAY },
  /** A copy of a person's data is kept this long, and not made anew within a day. */
  exportKept: 7 * DAY,
  exportInterval: DAY,
  /** Bytes of a copy in one answer. */
  exportPage: 4 * 1024 * 1024,
  /** Between asking for deletion and erasure: a log-in before cancels it. */
  deletionGrace: 14 * DAY,
  /** Services that have not answered a request for erasure by then are asked again. */
  erasureAnswer: DAY,
  /** Between two mails of one purpose that strangers can ask for. */
  mailInterval: MINUTE,
  /** The window of the calls that one address may make of the credential routes: ATTEMPTS_PER_ADDRESS (S3-GW-18). */
  addressWindow: 15 * MINUTE,
  /** Failed log-ins of one account: from `free` on each doubles the wait, beginning at a second; from `lock` on it is the lockout. */
  failures: { free: 10, lock: 20, lockout: HOUR, forgotten: DAY },
  /** From a log-in's password to its second factor. */
  challenge: 5 * MINUTE,
  challengeTries: 5,
  /** From a new authenticator to its first code. */
  enrolment: 10 * MINUTE,
  /** How long a proved second factor lifts a session to assurance level 2. */
  assurance: DAY,
  trustedDevice: 30 * DAY,
  /** A device that an account was logged in to from counts its attempts by itself for so long. */
  knownDevice: 90 * DAY,
  /** From asking for a provider's address to coming back from it. */
  authorization: 10 * MINUTE,
  /** From asking for the mail to its code or link. */
  mailSignIn: 10 * MINUTE,
  mailSignInTries: 5,
  /** What a provider may take for one answer, how large it may be, and how long its metadata are kept. */
  provider: { timeoutMs: 5_000, maxBytes: 256 * 1024, metadata: HOUR },
  /** What the list of breached passwords may take for one answer, and how large that may be: about 1000 lines of 40 bytes. */
  breachedPasswords: { timeoutMs: 2_000, maxBytes: 256 * 1024 },
  /** What the verifier of CAPTCHAs may take for one answer, and how large that may be. */
  captcha: { timeoutMs: 3_000, maxBytes: 64 * 1024 },
  /** A session this young stands for the password where an account has none: it was opened by a provider, a passkey or a mail. */
  freshSession: 10 * MINUTE,
  /** A session this young may take an identity away: no password is asked for (better-auth's fresh session). */
  recentSession: DAY,
  recoveryCodes: 10,
  /** Passkeys that a person may have (GoTrue's default). */
  passkeys: 10,
  /** From asking for a passkey to its answer. */
  passkeyChallenge: 5 * MINUTE,
  /** API keys that a person may have, the expired ones included. */
  apiKeys: 20,
  /** How long the key before still counts after a roll, where nothing else is asked for, and at most. */
  apiKeyOverlap: DAY,
  apiKeyOverlapMax: 7 * DAY,
  /** A key's use is written down at most so often. */
  apiKeyUse: MINUTE,
  /** A revoked or expired key is remembered this long, so that the log can tell why it was refused. */
  apiKeyKept: 30 * DAY,
} as const;

/** The time so many seconds after another; before it, when negative. */
export const later = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000);
