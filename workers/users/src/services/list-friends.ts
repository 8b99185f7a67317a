import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { friendsOf } from "../queries/edges.ts";
import { listAround } from "../queries/people.ts";
import type { PeopleQuery, PersonPage } from "../people-schemas.ts";

/**
 * A person's friends, the newest request first.
 * @throws AppError unauthorized, not_found, invalid_cursor
 */
export const listFriends = (context: Context<Env>, userId: string, query: PeopleQuery): Promise<PersonPage> =>
  listAround(context, userId, query, friendsOf);
