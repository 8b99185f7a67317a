import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import type { Provider } from "./find-provider.ts";
import { noteSecurityEvent } from "./note-security-event.ts";

const tell = (
  context: Context,
  type: "identity.linked" | "identity.unlinked",
  provider: string,
  from: SQL,
): SQL =>
  sql`told AS (${appendEvents(context, type, {
    from,
    aggregateId: sql`user_id`,
    data: sql`jsonb_build_object('userId', user_id, 'provider', ${provider}::text)`,
  })}), noted AS (${noteSecurityEvent(context, type, {
    from,
    userId: sql`user_id`,
    details: sql`jsonb_build_object('provider', ${provider}::text)`,
  })})`;

/** CTEs that tell of a linked identity. @param from a CTE with `user_id` */
export const tellLinked = (context: Context, { name }: Provider, from: SQL): SQL =>
  tell(context, "identity.linked", name, from);

/** CTEs that tell of an identity that is no more. @param from a CTE with `user_id` */
export const tellUnlinked = (context: Context, name: string, from: SQL): SQL =>
  tell(context, "identity.unlinked", name, from);
