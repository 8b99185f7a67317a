import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { endWatch } from "../services/end-watch.ts";

/** Who may see when somebody is active may be others now. */
export const privacyUpdated = (
  context: Context<Env>,
  { data }: SoukEvent<"privacy.updated">,
): Promise<void> => endWatch(context, data.userId, null);
