import { consume } from "@souk/kit/consumer";
import { Env } from "./env.ts";
import { recordErasure } from "./services/record-erasure.ts";

/** The `queue` handler: what other services answer. Apart from the wiring, which only loads in workerd. */
export const queue = consume(Env, {
  service: "auth",
  handlers: { "person.data_erased": recordErasure },
  attempts: 10,
  maxDelay: 600,
});
