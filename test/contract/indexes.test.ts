import { asOwner } from "@souk/db/operate/owner";
import pg from "pg";
import { expect, it } from "vitest";
import { z } from "zod";
import { freshDatabase } from "../fresh-database.ts";
import { eventually } from "../http.ts";
import { testPlatform } from "../platform.ts";
import { call } from "./call.ts";
import { OPERATIONS } from "./document.ts";
import { callerOf, endingLast, newWorld, soundRequests } from "./sound-requests.ts";

/** Tables of a handful of rows, which are read whole. */
const SMALL = ["exchanges", "prices", "email_templates"];

const Statement = z.object({ role: z.string(), query: z.string() });
const Plan = z.object({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Index Name": z.string().optional(),
  "Index Cond": z.string().optional(),
  Filter: z.string().optional(),
  get Plans() {
    return z.array(Plan).optional();
  },
});
const Explained = z.array(z.object({ "QUERY PLAN": z.array(z.object({ Plan })) }));

/** The tables that a plan may read from one end to the other: as they lie, or in an index's order for the sake of the order alone. */
function readWhole(plan: z.infer<typeof Plan>, partial: Set<string>): string[] {
  const { "Node Type": type, "Relation Name": table = "", "Index Name": index = "" } = plan;
  const forOrder = type.startsWith("Index") && plan["Index Cond"] === undefined && plan.Filter !== undefined;
  const isWhole = type === "Seq Scan" || (forOrder && !partial.has(index));
  return [...(isWhole ? [table] : []), ...(plan.Plans ?? []).flatMap((inner) => readWhole(inner, partial))];
}

/** The indexes of some rows only, which are those that are asked for. */
async function partialIndexes(client: pg.Client): Promise<Set<string>> {
  const { rows } = await client.query(
    "SELECT relname AS name FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indpred IS NOT NULL",
  );
  return new Set(
    z
      .array(z.object({ name: z.string() }))
      .parse(rows)
      .map(({ name }) => name),
  );
}

/** What the Workers' roles have asked this database, with `$n` for each value. */
async function statementsOf(client: pg.Client) {
  await client.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
  const { rows } = await client.query(
    `SELECT DISTINCT role.rolname AS role, asked.query FROM pg_stat_statements asked JOIN pg_roles role ON role.oid = asked.userid
     WHERE role.rolname LIKE 'svc%' AND asked.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND asked.query ~* '^\\s*(select|insert|update|delete|with)'`,
  );
  return z.array(Statement).parse(rows);
}

it("every statement of the Workers finds its rows by an index", async () => {
  const { databaseUrl, harness } = await testPlatform();
  const world = await newWorld();
  const sound = soundRequests(world);
  for (const operation of endingLast(OPERATIONS)) {
    const { params, query, body } = sound[operation.id] ?? {};
    await call(operation, {
      ...callerOf(world, operation.access),
      ...(params && { params }),
      ...(query && { query }),
      ...(body && { body: JSON.stringify(body) }),
    });
  }
  await harness.getWorker("events").scheduled({ cron: "* * * * *", scheduledTime: new Date() });
  const { statements, partial } = await asOwner(databaseUrl, async (client) => {
    await eventually("an empty log", async () => {
      const { rowCount } = await client.query("SELECT FROM events.log WHERE sent_at IS NULL LIMIT 1");
      return rowCount === 0 || undefined;
    });
    return { statements: await statementsOf(client), partial: await partialIndexes(client) };
  });
  expect(statements.length).toBeGreaterThan(100);
  // Tables of which nothing is known: what happens to be in those of the platform decides no plan.
  await asOwner(await freshDatabase(), async (client) => {
    await client.query("SET enable_seqscan = off");
    const found: string[] = [];
    // Kept with `$n` for each constant, a few are no statements any more.
    const unread: string[] = [];
    for (const { role, query } of statements) {
      try {
        const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${query}`);
        for (const { "QUERY PLAN": plans } of Explained.parse(rows))
          for (const { Plan: plan } of plans)
            for (const table of readWhole(plan, partial))
              if (!SMALL.includes(table)) found.push(`${role} reads all of ${table}: ${query}`);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        unread.push(`${error.message}: ${query}`);
      }
    }
    expect(found).toEqual([]);
    expect(unread.length, unread.join("\n\n")).toBeLessThan(statements.length / 8);
  });
}, 300_000);
