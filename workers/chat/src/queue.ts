import { consume } from "@souk/kit/consumer";
import { erasureRequested } from "./consumers/erasure-requested.ts";
import { exportRequested } from "./consumers/export-requested.ts";
import { friendRemoved } from "./consumers/friend-removed.ts";
import { privacyUpdated } from "./consumers/privacy-updated.ts";
import { sessionRevoked } from "./consumers/session-revoked.ts";
import { userBlocked, userUnblocked } from "./consumers/user-blocked.ts";
import { Env } from "./env.ts";

/** The `queue` handler: what each event means to conversations. */
export const queue = consume(Env, {
  service: "chat",
  handlers: {
    "session.revoked": sessionRevoked,
    "user.blocked": userBlocked,
    "user.unblocked": userUnblocked,
    "friend.removed": friendRemoved,
    "privacy.updated": privacyUpdated,
    "person.erasure_requested": erasureRequested,
    "person.export_requested": exportRequested,
    "person.export_continued": exportRequested,
  },
  attempts: 10,
  maxDelay: 600,
});
