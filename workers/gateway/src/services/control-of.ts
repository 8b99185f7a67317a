import type { Context } from "@souk/kit/context";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";

/** The one object that holds what operators set, which sessions have ended and what was purged. */
export const controlOf = (context: Context<Env>) =>
  watchObject(context, "CONTROL", context.env.CONTROL.getByName("control"));
