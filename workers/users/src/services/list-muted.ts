import { mutes } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { listOwn } from "../queries/people.ts";
import type { PeopleQuery, PersonPage } from "../people-schemas.ts";

/**
 * Whom the caller mutes, the newest first.
 * @throws AppError unauthorized, invalid_cursor
 */
export const listMuted = (context: Context<Env>, query: PeopleQuery): Promise<PersonPage> =>
  listOwn(
    context,
    query,
    (me) => sql`SELECT id, muted_id AS person, created_at AS at FROM ${mutes} WHERE muter_id = ${me}`,
  );
