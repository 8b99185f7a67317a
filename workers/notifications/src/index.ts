import { consume } from "@souk/kit/consumer";
import { app } from "./app.ts";
import { alertTriggered } from "./consumers/alert-triggered.ts";
import { emailFailed } from "./consumers/email-failed.ts";
import { emailSent } from "./consumers/email-sent.ts";
import { passwordChanged } from "./consumers/password-changed.ts";
import { preferencesUpdated } from "./consumers/preferences-updated.ts";
import { userRegistered } from "./consumers/user-registered.ts";
import { Env } from "./env.ts";

export { UserHub } from "./objects/user-hub.ts";
export { NotificationsRpc } from "./rpc.ts";

export default {
  fetch: app.fetch,
  queue: consume(Env, {
    service: "notifications",
    handlers: {
      "user.registered": userRegistered,
      "alert.triggered": alertTriggered,
      "password.changed": passwordChanged,
      "preferences.updated": preferencesUpdated,
      "email.sent": emailSent,
      "email.failed": emailFailed,
    },
    attempts: 10,
    maxDelay: 600,
  }),
} satisfies ExportedHandler<object>;
