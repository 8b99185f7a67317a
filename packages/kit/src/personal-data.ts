import { log } from "@souk/db/schema/events";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Context } from "./context.ts";
import { appendEvents, eventRow } from "./event-log.ts";
import type { BaseEnv } from "./config.ts";
import type { SoukEvent } from "./events.ts";
import { callTimeout } from "./resilience.ts";
import type { AuthService } from "./rpc.ts";
import { traceparent } from "./trace.ts";

/** The services that hold data of persons besides `auth`: each answers `person.erasure_requested` for its own. */
export const HOLDERS = ["users", "alerts", "notifications", "email", "chat"] as const;

/**
 * One statement that erases a person's rows and tells how many they were by `person.data_erased`. A repeat erases nothing and tells so.
 * @param rows a DELETE for each table, by the table's name, without RETURNING
 */
export function eraseRows(
  context: Context,
  { data }: SoukEvent<"person.erasure_requested">,
  rows: Record<string, SQL>,
): SQL {
  const tables = Object.keys(rows);
  const deletes = Object.entries(rows).map(
    ([table, remove]) => sql`${sql.identifier(table)} AS (${remove} RETURNING 1)`,
  );
  const counts = tables.map((table) => sql`${table}::text, (SELECT count(*) FROM ${sql.identifier(table)})`);
  return sql`WITH ${sql.join(deletes, sql`, `)}, counted AS (SELECT jsonb_build_object(${sql.join(counts, sql`, `)}) AS counts)
    ${appendEvents(context, "person.data_erased", {
      from: sql`counted`,
      aggregateId: sql`${data.userId}::text`,
      data: sql`jsonb_build_object('userId', ${data.userId}::text, 'erasureId', ${data.erasureId}::text, 'counts', counts)`,
    })}`;
}

/** One page of a table: so many rows, and of large ones so few that the page stays near that size. */
const PAGE = { rows: 2_000, bytes: 512 * 1024 };

/** What a service holds of a person in one table. */
export interface Held {
  /** A SELECT without ORDER BY. */
  rows: SQL;
  /** Columns that order the rows and tell each from every other; an index should serve them. */
  key: readonly [string, ...string[]];
}

/** Where a page begins: behind the row with that key, or at the first. */
interface Place {
  page: number;
  after: string[] | null;
}

const Read = z.record(
  z.string(),
  z.object({ rows: z.array(z.record(z.string(), z.unknown())), more: z.boolean() }),
);

/** SQL for the JSON of one page: its rows, and whether there are more. */
function pageOf({ rows, key }: Held, { after }: Place): SQL {
  const columns = sql.join(
    key.map((column) => sql`held.${sql.identifier(column)}`),
    sql`, `,
  );
  const from =
    after === null
      ? sql`true`
      : sql`(${columns}) > (${sql.join(
          after.map((value) => sql`${value}`),
          sql`, `,
        )})`;
  const fits = sql`(n = 1 OR bytes <= ${PAGE.bytes}::int)`;
  return sql`(SELECT jsonb_build_object('rows', coalesce(jsonb_agg(row ORDER BY n) FILTER (WHERE ${fits}), '[]'),
      'more', count(*) = ${PAGE.rows}::int OR NOT coalesce(bool_and(${fits}), true))
    FROM (SELECT row, n, sum(octet_length(row::text)) OVER (ORDER BY n) AS bytes FROM (
      SELECT to_jsonb(held) AS row, row_number() OVER (ORDER BY ${columns}) AS n FROM (${rows}) AS held
      WHERE ${from} ORDER BY ${columns} LIMIT ${PAGE.rows}::int) AS found) AS measured)`;
}

type Asked = SoukEvent<"person.export_requested" | "person.export_continued">;

/** Where each table goes on. */
const placesOf = ({ type, data }: Asked, tables: string[]): Record<string, Place> =>
  type === "person.export_continued" && "tables" in data
    ? data.tables
    : Object.fromEntries(tables.map((table) => [table, { page: 0, after: null }]));

/**
 * Reads the next page of each table in which a service holds rows of a person, and hands them to `auth`, which keeps the copy until it is
 * fetched. What is left is told by `person.export_continued`: one delivery reads one chunk, however much there is. A chunk delivered again
 * goes on where the first did.
 * @param held what there is, by the table's name
 * @throws whatever the database or `auth` throws; the event is then to be delivered again
 */
export async function exportRows(
  context: Context<z.infer<typeof BaseEnv> & { AUTH: AuthService }>,
  event: Asked,
  held: Record<string, Held>,
): Promise<void> {
  const { userId, exportId } = event.data;
  if ("service" in event.data && event.data.service !== context.service) return;
  const places = placesOf(event, Object.keys(held));
  const wanted = Object.entries(held).flatMap(([table, of]) => {
    const place = places[table];
    return place === undefined ? [] : [{ table, of, place }];
  });
  if (wanted.length === 0) return;
  const parts = wanted.map(({ table, of, place }) => sql`${table}::text, ${pageOf(of, place)}`);
  const answer = await context.db.execute(
    sql`SELECT jsonb_build_object(${sql.join(parts, sql`, `)}) AS read`,
  );
  const read = Read.parse(answer.rows[0]?.["read"]);
  const pages = wanted.map(({ table, of, place }) => {
    const { rows = [], more = false } = read[table] ?? {};
    const last = rows.at(-1);
    const after = more && last !== undefined ? of.key.map((column) => String(last[column])) : null;
    return { table, page: place.page, rows, after };
  });
  const kept = await callTimeout.execute(() =>
    context.env.AUTH.storeExport({ userId, exportId }, pages, traceparent(context.trace)),
  );
  const tables = Object.fromEntries(
    kept.flatMap(({ table, page, after }) => (after === null ? [] : [[table, { page: page + 1, after }]])),
  );
  if (Object.keys(tables).length === 0) return;
  const next = { userId, exportId, service: context.service, tables };
  await context.db.insert(log).values(eventRow(context, "person.export_continued", userId, next));
}
