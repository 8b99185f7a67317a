import { consume } from "@souk/kit/consumer";
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
  },
  attempts: 10,
  maxDelay: 600,
});
