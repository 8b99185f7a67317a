import { consume } from "@souk/kit/consumer";
import { app } from "./app.ts";
import { counted } from "./consumers/counted.ts";
import { userRegistered } from "./consumers/user-registered.ts";
import { Env } from "./env.ts";

export default {
  fetch: app.fetch,
  queue: consume(Env, {
    service: "users",
    handlers: { "user.registered": userRegistered, "user.imported": userRegistered, ...counted },
    attempts: 10,
    maxDelay: 600,
  }),
} satisfies ExportedHandler<object>;
