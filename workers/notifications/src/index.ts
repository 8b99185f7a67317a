import { runCrons } from "@souk/kit/cron";
import { app } from "./app.ts";
import { pruneJob } from "./crons/prune.ts";
import { Env } from "./env.ts";
import { queue } from "./queue.ts";

export { PriceRoom } from "./objects/price-room.ts";
export { UserHub } from "./objects/user-hub.ts";
export { NotificationsRpc } from "./rpc.ts";

export default {
  fetch: app.fetch,
  queue,
  scheduled: runCrons(Env, "notifications", { "43 * * * *": pruneJob }),
} satisfies ExportedHandler<object>;
