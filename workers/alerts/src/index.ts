import { runCrons } from "@souk/kit/cron";
import { app } from "./app.ts";
import { pollPricesJob } from "./crons/poll-prices.ts";
import { Env } from "./env.ts";

export default {
  fetch: app.fetch,
  scheduled: runCrons(Env, "alerts", { "*/5 * * * *": pollPricesJob }),
} satisfies ExportedHandler<object>;
