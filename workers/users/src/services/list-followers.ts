import { follows } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { PeopleQuery, PersonPage } from "../people-schemas.ts";
import { listAround, listOwn } from "../queries/people.ts";

const followersOf = (of: SQL): SQL =>
  sql`SELECT id, follower_id AS person, created_at AS at FROM ${follows} WHERE followed_id = ${of}`;

/**
 * Who follows a person, the newest first; one's own are all shown.
 * @throws AppError unauthorized, not_found, invalid_cursor
 */
export const listFollowers = (
  context: Context<Env>,
  userId: string,
  query: PeopleQuery,
): Promise<PersonPage> =>
  context.actor?.userId === userId
    ? listOwn(context, query, followersOf)
    : listAround(context, userId, query, followersOf);
