import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { dropExpiredExports } from "../services/drop-expired-exports.ts";
import { resealFactors } from "../services/reseal-factors.ts";
import { resealIdentities } from "../services/reseal-identities.ts";
import { startErasures } from "../services/start-erasures.ts";
import { sweepExpired } from "../services/sweep-expired.ts";

/** Every hour: erasures that are due begin, what has expired goes, and what an older data key seals is sealed anew. */
export async function sweepJob(context: Context<Env>): Promise<void> {
  await startErasures(context);
  await dropExpiredExports(context);
  await sweepExpired(context);
  await resealFactors(context);
  await resealIdentities(context);
}
