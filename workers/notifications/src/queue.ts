import { consume } from "@souk/kit/consumer";
import { alertTriggered } from "./consumers/alert-triggered.ts";
import { conversationRequested } from "./consumers/conversation-requested.ts";
import { emailFailed } from "./consumers/email-failed.ts";
import { emailSent } from "./consumers/email-sent.ts";
import { erasureRequested } from "./consumers/erasure-requested.ts";
import { exportRequested } from "./consumers/export-requested.ts";
import { friendAccepted } from "./consumers/friend-accepted.ts";
import { friendRequested } from "./consumers/friend-requested.ts";
import { messageUnread } from "./consumers/message-unread.ts";
import { passwordChanged } from "./consumers/password-changed.ts";
import { preferencesUpdated } from "./consumers/preferences-updated.ts";
import { priceUpdated } from "./consumers/price-updated.ts";
import { sessionRevoked } from "./consumers/session-revoked.ts";
import { userFollowed } from "./consumers/user-followed.ts";
import { userRegistered } from "./consumers/user-registered.ts";
import { Env } from "./env.ts";

/** The `queue` handler: what each event means to a person's inbox. Apart from the wiring, which only loads in workerd. */
export const queue = consume(Env, {
  service: "notifications",
  handlers: {
    "user.registered": userRegistered,
    "alert.triggered": alertTriggered,
    "password.changed": passwordChanged,
    "session.revoked": sessionRevoked,
    "preferences.updated": preferencesUpdated,
    "user.followed": userFollowed,
    "friend.requested": friendRequested,
    "friend.accepted": friendAccepted,
    "message.unread": messageUnread,
    "conversation.requested": conversationRequested,
    "price.updated": priceUpdated,
    "email.sent": emailSent,
    "email.failed": emailFailed,
    "person.erasure_requested": erasureRequested,
    "person.export_requested": exportRequested,
    "person.export_continued": exportRequested,
  },
  attempts: 10,
  maxDelay: 600,
});
