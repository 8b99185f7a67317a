import type { Context } from "@souk/kit/context";
import { isCritical } from "../critical.ts";
import type { Env } from "../env.ts";
import { preferencesOf } from "../queries/preferences.ts";

/**
 * The channels on which a person may be told of something. Critical types always go to the app and by email.
 * @param type the event's type
 */
export async function chooseChannels(
  context: Context<Env>,
  userId: string,
  type: string,
): Promise<{ inApp: boolean; email: boolean; push: boolean }> {
  const { inApp, email, push, muted } = await preferencesOf(context.db, userId);
  const critical = isCritical(type);
  return { inApp: critical || (inApp && !muted), email: critical || (email && !muted), push: push && !muted };
}
