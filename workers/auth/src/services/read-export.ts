import { exportParts, exports } from "@souk/db/schema/auth-account-life";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { readCursor, writeCursor } from "@souk/kit/pagination";
import { HOLDERS } from "@souk/kit/personal-data";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { PersonExport } from "../account-life-schemas.ts";
import { LIMITS } from "../limits.ts";
import { checkSession } from "./check-session.ts";
import { readOwnData } from "./read-own-data.ts";
import { StoredMoment } from "./stored-moment.ts";

/** Behind which part a page begins, and of which copy. */
const Position = z.tuple([z.uuid(), z.string(), z.string(), z.int()]);

const Copy = z.object({
  id: z.uuid(),
  requestedAt: StoredMoment,
  expiresAt: StoredMoment,
  ready: z.boolean(),
});
const Part = z.object({
  service: z.string(),
  table: z.string(),
  page: z.int(),
  rows: z.array(z.unknown()),
  more: z.boolean(),
});

/** Every service has given the last page of each table that it gave the first page of, and it gives all first pages at once. */
const ready = sql`(SELECT count(*) FROM (SELECT FROM ${exportParts} AS part WHERE part.export_id = copy.id GROUP BY part.service
    HAVING count(*) FILTER (WHERE part.page = 0) = count(*) FILTER (WHERE part.after IS NULL)) AS given) = ${HOLDERS.length}::int`;

/**
 * One page of the copy of their data that the actor asked for last; the first has their account and sessions as they are now.
 * @throws AppError unauthorized when the session has ended; not_found: none was asked for, or it has expired; invalid_cursor, also of an earlier copy
 */
export async function readExport(
  context: Context<Env>,
  query: { cursor?: string | undefined },
): Promise<PersonExport> {
  const { userId } = requireActor(context);
  const after = query.cursor === undefined ? null : readCursor(Position, query.cursor);
  await checkSession(context);
  const { db } = context;
  const last = sql`copy.user_id = ${userId}::uuid AND copy.expires_at > ${context.now().toISOString()}::timestamptz`;
  const from =
    after === null
      ? sql`true`
      : sql`copy.id = ${after[0]}::uuid AND (part.service, part."table", part.page) > (${after[1]}, ${after[2]}, ${after[3]}::int)`;
  const [copies, parts] = await db.batch([
    db.execute(sql`SELECT copy.id, to_json(copy.requested_at) AS "requestedAt", to_json(copy.expires_at) AS "expiresAt", ${ready} AS ready
      FROM ${exports} AS copy WHERE ${last}`),
    db.execute(sql`SELECT service, "table", page, data AS rows, n < total AND n = max(n) OVER () AS more FROM (
        SELECT part.*, row_number() OVER place AS n, sum(bytes) OVER place AS upto, count(*) OVER () AS total
        FROM ${exports} AS copy JOIN ${exportParts} AS part ON part.export_id = copy.id
        WHERE ${last} AND ${ready} AND ${from} WINDOW place AS (ORDER BY part.service, part."table", part.page)) AS measured
      WHERE n = 1 OR upto <= ${LIMITS.exportPage}::int ORDER BY n`),
  ]);
  const [copy] = z.array(Copy).parse(copies.rows);
  if (copy === undefined) throw new AppError("not_found", "You have asked for no copy, or it has expired.");
  if (after !== null && after[0] !== copy.id)
    throw new AppError("invalid_cursor", "You have asked for another copy since. Begin with its first page.");
  const { requestedAt, expiresAt } = copy;
  const times = { requestedAt: requestedAt.toISOString(), expiresAt: expiresAt.toISOString() };
  if (!copy.ready) return { status: "preparing", ...times, data: null, nextCursor: null };
  const data: NonNullable<PersonExport["data"]> =
    after === null ? { auth: await readOwnData(context, userId) } : {};
  const page = z.array(Part).parse(parts.rows);
  for (const { service, table, rows } of page) {
    const tables = (data[service] ??= {});
    tables[table] = [...(tables[table] ?? []), ...rows];
  }
  const end = page.at(-1);
  const nextCursor = end?.more === true ? writeCursor([copy.id, end.service, end.table, end.page]) : null;
  return { status: "ready", ...times, data, nextCursor };
}
