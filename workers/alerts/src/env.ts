import { METALS } from "@souk/db/schema/alerts";
import { binding, DatabaseEnv, jsonVariable, RetrySeconds } from "@souk/kit/config";
import type { DeadLetter } from "@souk/kit/events";
import type { AuthService, EventsService } from "@souk/kit/rpc";
import { z } from "zod";
import { BUCKET_MINUTES } from "./bucket.ts";

/** What is priced: a metal in a currency, written `XAU/USD`. */
const Pair = z
  .string()
  .transform((text) => text.split("/"))
  .pipe(z.tuple([z.enum(METALS), z.string().regex(/^[A-Z]{3}$/)]))
  .transform(([metal, currency]) => ({ metal, currency }));
export type Pair = z.infer<typeof Pair>;

const everyMinutes = z.coerce.number().int().min(BUCKET_MINUTES);

/** The environment of `alerts`. A source whose key is empty is not polled. */
export const Env = DatabaseEnv.extend({
  PAIRS: jsonVariable(z.array(Pair).min(1)),
  GOLDAPI_URL: z.url(),
  GOLDAPI_KEY: z.string(),
  GOLDAPI_EVERY_MINUTES: everyMinutes,
  METALSDEV_URL: z.url(),
  METALSDEV_KEY: z.string(),
  METALSDEV_EVERY_MINUTES: everyMinutes,
  METALPRICEAPI_URL: z.url(),
  METALPRICEAPI_KEY: z.string(),
  METALPRICEAPI_EVERY_MINUTES: everyMinutes,
  EVENTS: binding<EventsService>(),
  AUTH: binding<AuthService>(),
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
});
export type Env = z.infer<typeof Env>;
