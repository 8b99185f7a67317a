import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { PeopleQuery, PersonPage } from "../people-schemas.ts";
import { followersOf } from "../queries/edges.ts";
import { listAround, listOwn } from "../queries/people.ts";

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
