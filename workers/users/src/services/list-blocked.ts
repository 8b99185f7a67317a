import { blocks } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { listOwn } from "../queries/people.ts";
import type { PeopleQuery, PersonPage } from "../people-schemas.ts";

/**
 * Whom the caller blocks, the newest first.
 * @throws AppError unauthorized, invalid_cursor
 */
export const listBlocked = (context: Context<Env>, query: PeopleQuery): Promise<PersonPage> =>
  listOwn(
    context,
    query,
    (me) => sql`SELECT id, blocked_id AS person, created_at AS at FROM ${blocks} WHERE blocker_id = ${me}`,
  );
