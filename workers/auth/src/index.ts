import { runCrons } from "@souk/kit/cron";
import { app } from "./app.ts";
import { Env } from "./env.ts";
import { queue } from "./queue.ts";
import { dropExpiredExports } from "./services/drop-expired-exports.ts";
import { startErasures } from "./services/start-erasures.ts";

export { AuthRpc } from "./rpc.ts";

export default {
  fetch: app.fetch,
  queue,
  scheduled: runCrons(Env, "auth", {
    "17 * * * *": async (context) => {
      await startErasures(context);
      await dropExpiredExports(context);
    },
  }),
} satisfies ExportedHandler<object>;
