import type { Handlers } from "@souk/kit/consumer";
import type { Env } from "../env.ts";
import { countEvent } from "../services/count-event.ts";

/** What only adds to the metrics. */
export const counted: Handlers<Env> = {
  "user.followed": countEvent,
  "user.unfollowed": countEvent,
  "friend.requested": countEvent,
  "friend.accepted": countEvent,
  "profile.updated": countEvent,
  "username.changed": countEvent,
  "preferences.updated": countEvent,
};
