import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import type { Provider } from "./find-provider.ts";

const about = (from: SQL, provider: string) => ({
  from,
  aggregateId: sql`user_id`,
  data: sql`jsonb_build_object('userId', user_id, 'provider', ${provider}::text)`,
});

/** SQL that tells of a linked identity. @param from a CTE with `user_id` */
export const tellLinked = (context: Context, { name }: Provider, from: SQL): SQL =>
  appendEvents(context, "identity.linked", about(from, name));

/** SQL that tells of an identity that is no more. @param from a CTE with `user_id` */
export const tellUnlinked = (context: Context, name: string, from: SQL): SQL =>
  appendEvents(context, "identity.unlinked", about(from, name));
