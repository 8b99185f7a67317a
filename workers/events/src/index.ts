import { runCrons } from "@souk/kit/cron";
import { app } from "./app.ts";
import { keepDeadLetters } from "./consumers/dead-letters.ts";
import { Env } from "./env.ts";
import { drainLog } from "./services/drain-log.ts";

export { EventsRpc } from "./rpc.ts";

export default {
  fetch: app.fetch,
  queue: keepDeadLetters,
  scheduled: runCrons(Env, "events", {
    // The sweep: sends what a crash between commit and wake left behind.
    "* * * * *": async (context) => void (await drainLog(context)),
  }),
} satisfies ExportedHandler<object>;
