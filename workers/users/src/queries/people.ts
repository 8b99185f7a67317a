import { isoTime } from "@souk/db/iso-time";
import { profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { Person, type PeopleQuery, type PersonPage } from "../people-schemas.ts";
import { idOf, maySee } from "./graph.ts";

/** What a list shows of the profile `p`. */
export const CARD = sql.raw(
  `p.user_id AS "userId", p.username, p.first_name AS "firstName", p.last_name AS "lastName",
  p.display_name AS "displayName", p.avatar_url AS "avatarUrl"`,
);

const Row = Person.extend({ edge: z.uuid() });

/** One page of people, newest edge first. @param edges a query of `id`, `person` and `at`. @param filter a condition on the profile `p` */
export function selectPage(edges: SQL, filter: SQL, query: PeopleQuery): SQL {
  const after =
    query.cursor === undefined ? sql`` : sql`AND e.id < ${readCursor(z.uuid(), query.cursor)}::uuid`;
  return sql`SELECT e.id AS edge, ${isoTime(sql`e.at`)} AS since, ${CARD} FROM (${edges}) e
    JOIN ${profiles} p ON p.user_id = e.person WHERE ${filter} ${after} ORDER BY e.id DESC LIMIT ${query.limit + 1}`;
}

function toPeople(rows: unknown[], limit: number): PersonPage {
  const { items, nextCursor } = toPage(z.array(Row).parse(rows), limit, ({ edge }) => edge);
  return { items: items.map(({ edge: _edge, ...person }) => person), nextCursor };
}

/**
 * People who have turned to the caller, or to whom the caller is to be able to undo something: shown whatever they show to others.
 * @param edges of the caller, given by its id
 * @throws AppError unauthorized, invalid_cursor
 */
export async function listOwn(
  context: Context<Env>,
  query: PeopleQuery,
  edges: (me: SQL) => SQL,
): Promise<PersonPage> {
  const { userId } = requireActor(context);
  const { rows } = await context.db.execute(selectPage(edges(idOf(userId)), sql`true`, query));
  return toPeople(rows, query.limit);
}

/**
 * People around someone, as far as the caller may see them.
 * @param edges of that person, given by the id
 * @throws AppError unauthorized, invalid_cursor; not_found when the caller may not see whose list it is
 */
export async function listAround(
  context: Context<Env>,
  userId: string,
  query: PeopleQuery,
  edges: (of: SQL) => SQL,
): Promise<PersonPage> {
  const viewer = requireActor(context).userId;
  const [found, page] = await context.db.batch([
    context.db.execute(
      sql`SELECT 1 FROM ${profiles} p WHERE p.user_id = ${userId}::uuid AND ${maySee(viewer)}`,
    ),
    context.db.execute(selectPage(edges(idOf(userId)), maySee(viewer), query)),
  ]);
  if (found.rows.length === 0) throw new AppError("not_found", "There is no such person.");
  return toPeople(page.rows, query.limit);
}
