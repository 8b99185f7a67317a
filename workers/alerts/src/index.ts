import { consume } from "@souk/kit/consumer";
import { runCrons } from "@souk/kit/cron";
import { app } from "./app.ts";
import { accountLeft } from "./consumers/account-left.ts";
import { accountReturned } from "./consumers/account-returned.ts";
import { erasureRequested } from "./consumers/erasure-requested.ts";
import { exportRequested } from "./consumers/export-requested.ts";
import { pollPricesJob } from "./crons/poll-prices.ts";
import { Env } from "./env.ts";

export default {
  fetch: app.fetch,
  queue: consume(Env, {
    service: "alerts",
    handlers: {
      "account.deactivated": accountLeft,
      "account.deletion_requested": accountLeft,
      "account.returned": accountReturned,
      "person.erasure_requested": erasureRequested,
      "person.export_requested": exportRequested,
      "person.export_continued": exportRequested,
    },
    attempts: 10,
    maxDelay: 600,
  }),
  scheduled: runCrons(Env, "alerts", { "*/5 * * * *": pollPricesJob }),
} satisfies ExportedHandler<object>;
