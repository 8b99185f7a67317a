import { consume } from "@souk/kit/consumer";
import { runCrons } from "@souk/kit/cron";
import { app } from "./app.ts";
import { counted } from "./consumers/counted.ts";
import { erasureRequested } from "./consumers/erasure-requested.ts";
import { exportRequested } from "./consumers/export-requested.ts";
import { userRegistered } from "./consumers/user-registered.ts";
import { pruneJob } from "./crons/prune.ts";
import { Env } from "./env.ts";

export { UsersRpc } from "./rpc.ts";

export default {
  fetch: app.fetch,
  queue: consume(Env, {
    service: "users",
    handlers: {
      "user.registered": userRegistered,
      "user.imported": userRegistered,
      ...counted,
      "person.erasure_requested": erasureRequested,
      "person.export_requested": exportRequested,
    },
    attempts: 10,
    maxDelay: 600,
  }),
  scheduled: runCrons(Env, "users", { "41 * * * *": pruneJob }),
} satisfies ExportedHandler<object>;
