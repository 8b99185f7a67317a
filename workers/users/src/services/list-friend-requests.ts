import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { pairsOf } from "../queries/edges.ts";
import { listOwn } from "../queries/people.ts";
import type { FriendRequestQuery, PersonPage } from "../people-schemas.ts";

/**
 * Who asks the caller to be friends, or whom the caller asks, the newest first.
 * @throws AppError unauthorized, invalid_cursor
 */
export const listFriendRequests = (context: Context<Env>, query: FriendRequestQuery): Promise<PersonPage> =>
  listOwn(context, query, (me) =>
    pairsOf(
      me,
      sql`created_at`,
      query.direction === "sent"
        ? sql`status = 'requested' AND requested_by = ${me}`
        : sql`status = 'requested' AND requested_by <> ${me}`,
    ),
  );
