import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { resealFactors } from "../services/reseal-factors.ts";
import { sweepExpired } from "../services/sweep-expired.ts";

/** Every hour: what has expired goes, and what an older data key seals is sealed anew. */
export async function sweepJob(context: Context<Env>): Promise<void> {
  await sweepExpired(context);
  await resealFactors(context);
}
