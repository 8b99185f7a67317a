import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { preferencesOf } from "../queries/preferences.ts";
import type { NotificationPreferences } from "../schemas.ts";

/** Which channels the caller wants. @throws AppError unauthorized */
export async function readPreferences(context: Context<Env>): Promise<NotificationPreferences> {
  return preferencesOf(context.db, requireActor(context).userId);
}
