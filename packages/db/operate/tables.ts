import type pg from "pg";
import { z } from "zod";
import { SERVICES } from "../src/roles.ts";

const Rows = z.array(z.object({ schema: z.string(), name: z.string(), needs: z.array(z.string()) }));

/** A table's name as SQL, e.g. `"auth"."users"`. */
export interface Table {
  schema: string;
  name: string;
}

/**
 * The services' tables, each after those that its foreign keys point to, so that they can be filled in this order.
 * @throws Error when foreign keys form a circle
 */
export async function tablesInOrder(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query(
    `SELECT n.nspname AS schema, c.relname AS name,
       coalesce(array_agg(f.confrelid::regclass::text) FILTER (WHERE f.confrelid IS NOT NULL AND f.confrelid <> c.oid), '{}') AS needs,
       c.oid::regclass::text AS id
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f'
     WHERE n.nspname = ANY($1) AND c.relkind = 'r' GROUP BY n.nspname, c.relname, c.oid ORDER BY 1, 2`,
    [SERVICES],
  );
  const waiting = Rows.parse(rows);
  const done = new Set<string>();
  const ordered: Table[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ needs }) => needs.every((need) => done.has(need)));
    const [table] = next < 0 ? [] : waiting.splice(next, 1);
    if (table === undefined)
      throw new Error(`Foreign keys form a circle: ${waiting.map(({ name }) => name).join(", ")}`);
    done.add(`${table.schema}.${table.name}`);
    ordered.push({ schema: table.schema, name: table.name });
  }
  return ordered;
}

/** The hashes of the migrations that a database has had, in order. */
export async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(`SELECT hash FROM migrations.applied ORDER BY created_at`);
  return z
    .array(z.object({ hash: z.string() }))
    .parse(rows)
    .map(({ hash }) => hash);
}
