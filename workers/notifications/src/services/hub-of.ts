import type { Context } from "@souk/kit/context";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";

/** The hub of a person. */
export const hubOf = (context: Context<Env>, userId: string) =>
  watchObject(context, "USER_HUB", context.env.USER_HUB.getByName(userId));
