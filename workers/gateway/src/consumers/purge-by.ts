import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import { controlOf } from "../services/control-of.ts";

/**
 * A handler of events by which domain Workers purge: what the gateways keep under these tags is older than what the event tells of. An
 * event that comes again purges again, which costs a question to the Worker and is never wrong.
 */
export const purgeBy =
  (...tags: string[]) =>
  async (context: Context<Env>): Promise<void> => {
    const control = controlOf(context);
    await callTimeout.execute(() => control.purge(tags));
  };
