import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { PeopleQuery, PersonPage } from "../people-schemas.ts";
import { followedBy } from "../queries/edges.ts";
import { listAround } from "../queries/people.ts";

/**
 * Whom a person follows, the newest first.
 * @throws AppError unauthorized, not_found, invalid_cursor
 */
export const listFollowing = (
  context: Context<Env>,
  userId: string,
  query: PeopleQuery,
): Promise<PersonPage> => listAround(context, userId, query, followedBy);
