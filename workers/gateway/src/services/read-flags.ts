import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { flagsOf } from "../control/flags-of.ts";
import type { Env } from "../env.ts";
import { readSettings } from "./read-control.ts";

/**
 * Which feature flags are on for the caller.
 * @throws AppError unavailable when this isolate never had the settings and cannot get them
 */
export async function readFlags(context: Context<Env>): Promise<Record<string, boolean>> {
  const settings = await readSettings(context);
  if (settings === null)
    throw new AppError("unavailable", "The flags cannot be read now.", { retryAfter: 5 });
  return flagsOf(settings.flags, context.actor?.userId ?? null);
}
