import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { createProfile } from "../services/create-profile.ts";

/** Gives a new account, or one of another system, its profile and default preferences. */
export async function userRegistered(
  context: Context<Env>,
  event: SoukEvent<"user.registered" | "user.imported">,
): Promise<void> {
  const profile = await createProfile(context, event.data.userId);
  if (profile === null) context.log.info("account is gone, no profile made", { userId: event.data.userId });
}
