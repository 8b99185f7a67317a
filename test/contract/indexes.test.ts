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

it("every statement of the Workers finds its rows by an index", async () => {
  const { databaseUrl, harness, statements } = await testPlatform();
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
  await asOwner(databaseUrl, (client) =>
    eventually("an empty log", async () => {
      const { rowCount } = await client.query("SELECT FROM events.log WHERE sent_at IS NULL LIMIT 1");
      return rowCount === 0 || undefined;
    }),
  );
  expect(statements.size).toBeGreaterThan(100);
  // Tables of which nothing is known: what happens to be in those of the platform decides no plan.
  await asOwner(await freshDatabase(), async (client) => {
    await client.query("SET enable_seqscan = off");
    const partial = await partialIndexes(client);
    const found: string[] = [];
    for (const { role, query } of statements.values()) {
      if (!/^\s*(select|insert|update|delete|with)\b/i.test(query)) continue;
      const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${query}`);
      for (const { "QUERY PLAN": plans } of Explained.parse(rows))
        for (const { Plan: plan } of plans)
          for (const table of readWhole(plan, partial))
            if (!SMALL.includes(table)) found.push(`${role} reads all of ${table}: ${query}`);
    }
    expect(found).toEqual([]);
  });
}, 300_000);
