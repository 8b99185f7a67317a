import { runCrons } from "@souk/kit/cron";
import { app } from "./app.ts";
import { sweepJob } from "./crons/sweep.ts";
import { Env } from "./env.ts";
import { queue } from "./queue.ts";

export { AuthRpc } from "./rpc.ts";

export default {
  fetch: app.fetch,
  queue,
  scheduled: runCrons(Env, "auth", { "17 * * * *": sweepJob }),
} satisfies ExportedHandler<object>;
