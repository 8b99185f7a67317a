import { follows } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { listAround } from "../queries/people.ts";
import type { PeopleQuery, PersonPage } from "../people-schemas.ts";

/**
 * Whom a person follows, the newest first.
 * @throws AppError unauthorized, not_found, invalid_cursor
 */
export const listFollowing = (
  context: Context<Env>,
  userId: string,
  query: PeopleQuery,
): Promise<PersonPage> =>
  listAround(
    context,
    userId,
    query,
    (of) => sql`SELECT id, followed_id AS person, created_at AS at FROM ${follows} WHERE follower_id = ${of}`,
  );
