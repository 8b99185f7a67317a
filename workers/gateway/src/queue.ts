import { consume } from "@souk/kit/consumer";
import { purgeBy } from "./consumers/purge-by.ts";
import { Env } from "./env.ts";

/** The `queue` handler: which events make the gateways forget what, by the tags of routes. */
export const queue = consume(Env, {
  service: "gateway",
  handlers: { "price.updated": purgeBy("prices") },
  attempts: 5,
  maxDelay: 10,
});
