import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { callTimeout } from "@souk/kit/resilience";
import { requireAdmin } from "@souk/kit/route";
import { canonicalPath } from "../canonical-path.ts";
import type { CachePurge } from "../control/cache-purge.ts";
import type { Env } from "../env.ts";
import { ROUTING_TABLE } from "../routing-table.ts";
import { refreshControl } from "./read-control.ts";
import { controlOf } from "./control-of.ts";

const KEPT = ROUTING_TABLE.filter(({ cache }) => cache !== undefined);
const TAGS = new Set(KEPT.flatMap(({ cache }) => cache?.tags ?? []));
const PATHS = KEPT.map(({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`));

/** Whether anything can be kept under a tag. */
const isKnown = (tag: string): boolean =>
  tag.startsWith("/") ? PATHS.some((path) => path.test(tag)) : TAGS.has(tag);

/**
 * Purges what the gateways keep under some tags. Who did it is in the log.
 * @throws AppError unauthorized, forbidden; validation_failed for a tag under which nothing is kept; unavailable when the object does not answer
 */
export async function purgeCache(context: Context<Env>, { tags }: CachePurge): Promise<void> {
  const { userId } = requireAdmin(context);
  const canonical = [...new Set(tags.map((tag) => (tag.startsWith("/") ? canonicalPath(tag) : tag)))];
  const details = canonical
    .filter((tag) => !isKnown(tag))
    .map((tag) => ({ field: "tags", message: `nothing is kept under "${tag}"` }));
  if (details.length > 0)
    throw new AppError("validation_failed", "Correct the fields named in `details`.", { details });
  try {
    await callTimeout.execute(() => controlOf(context).purge(canonical));
  } catch (error) {
    throw new AppError("unavailable", "The cache cannot be purged now.", { cause: error });
  }
  context.log.warn("cache purged", { userId, tags: canonical });
  await refreshControl(context);
}
