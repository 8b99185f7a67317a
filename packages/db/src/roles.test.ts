import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase } from "../../../test/fresh-database.ts";
import { asOwner } from "../operate/owner.ts";
import { tablesInOrder, type Table } from "../operate/tables.ts";
import { roleOf, SERVICES, type Service } from "./roles.ts";

const NO_PERMISSION = "42501";
const clients = new Map<Service, pg.Client>();
let tables: Table[];
let url: string;

beforeAll(async () => {
  url = await freshDatabase();
  tables = await asOwner(url, tablesInOrder);
  for (const service of SERVICES) {
    const own = new URL(url);
    own.username = roleOf(service);
    own.password = service;
    const client = new pg.Client({ connectionString: own.href });
    await client.connect();
    clients.set(service, client);
  }
});

afterAll(async () => {
  await Promise.all([...clients.values()].map((client) => client.end()));
});

/** The SQLSTATE with which a statement is refused, or "allowed". */
const attempt = (service: Service, statement: string): Promise<string> =>
  clients
    .get(service)
    ?.query(statement)
    .then(
      () => "allowed",
      (error: unknown) => (error instanceof pg.DatabaseError ? (error.code ?? "") : String(error)),
    ) ?? Promise.resolve("no client");

describe("each service's role", () => {
  it.each(SERVICES)("%s reads and writes its own tables and no other's", async (service) => {
    expect(tables.some((table) => table.schema === service)).toBe(true);
    for (const { schema, name } of tables) {
      const table = `"${schema}"."${name}"`;
      const expected = schema === service ? "allowed" : NO_PERMISSION;
      expect(await attempt(service, `SELECT * FROM ${table} LIMIT 1`), `${service} SELECT ${table}`).toBe(
        expected,
      );
      expect(await attempt(service, `DELETE FROM ${table} WHERE false`), `${service} DELETE ${table}`).toBe(
        expected,
      );
      if (schema === service || table === '"events"."log"') continue;
      expect(
        await attempt(service, `INSERT INTO ${table} DEFAULT VALUES`),
        `${service} INSERT ${table}`,
      ).toBe(NO_PERMISSION);
    }
  });

  it.each(SERVICES)(
    "%s has no other right to any table or column, nor to another's schema",
    async (service) => {
      const { rows } = await asOwner(url, (client) =>
        client.query(
          `SELECT schema.nspname || '.' || place.relname || ' ' || wish AS may
         FROM pg_class place JOIN pg_namespace schema ON schema.oid = place.relnamespace,
           unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS wish
         WHERE place.relkind IN ('r', 'p', 'v', 'm') AND schema.nspname !~ '^(pg_|information_schema)' AND schema.nspname <> $2
           AND (has_table_privilege($1, place.oid, wish)
             OR wish = ANY (ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AND has_any_column_privilege($1, place.oid, wish))`,
          [roleOf(service), service],
        ),
      );
      expect(rows).toEqual(service === "events" ? [] : [{ may: "events.log INSERT" }]);
    },
  );

  it.each(SERVICES)("%s may append to the event log", async (service) => {
    const insert = `INSERT INTO events.log (id, type, version, source, aggregate_id, data, occurred_at)
      VALUES (gen_random_uuid(), 'test', 1, 'test', 'x', '{}', now())`;
    expect(await attempt(service, insert)).toBe("allowed");
  });

  it.each(SERVICES)(
    "%s makes no tables, and has a connection limit and a statement timeout",
    async (service) => {
      expect(await attempt(service, `CREATE TABLE ${service}.extra (id int)`)).toBe(NO_PERMISSION);
      expect(await attempt(service, `CREATE TABLE public.extra (id int)`)).toBe(NO_PERMISSION);
      const { rows } = await (clients.get(service) as pg.Client).query(
        `SELECT rolconnlimit AS connections, rolsuper AS super, current_setting('statement_timeout') AS timeout
       FROM pg_roles WHERE rolname = current_user`,
      );
      expect(rows).toEqual([{ connections: 60, super: false, timeout: "8s" }]);
    },
  );
});
