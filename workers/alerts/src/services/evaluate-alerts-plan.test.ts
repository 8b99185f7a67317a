import { alerts, priceHistory } from "@souk/db/schema/alerts";
import { and, eq, sql, type SQL } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { atTime } from "../../test/at-time.ts";
import { db, minutes, newPair, store } from "../../test/market.ts";
import { advance, type Tick } from "./evaluate-alerts.ts";

/** So many alerts that reading them all shows in the buffers, and fewer than that a scan of them would not be the cheaper plan. */
const CROWD = 50_000;
/** 8 KB blocks that a statement may touch: the way down four indexes and some rows; the crowd alone fills more than a thousand. */
const BLOCKS = 100;

const pair = newPair();
let tick: Tick;

interface Node {
  "Node Type": string;
  "Relation Name"?: string | undefined;
  "Rows Removed by Filter"?: number | undefined;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Node[] | undefined;
}
const Node: z.ZodType<Node> = z.lazy(() =>
  z.object({
    "Node Type": z.string(),
    "Relation Name": z.string().optional(),
    "Rows Removed by Filter": z.number().optional(),
    "Shared Hit Blocks": z.number(),
    "Shared Read Blocks": z.number(),
    Plans: z.array(Node).optional(),
  }),
);
const Explained = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: Node })]) })]);

/** What a statement really read. */
async function readBy(statement: SQL) {
  const { rows } = await db.execute(sql`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`);
  const top = Explained.parse(rows)[0]["QUERY PLAN"][0].Plan;
  const all = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(all)];
  const ofAlerts = all(top).filter((node) => node["Relation Name"] === "alerts");
  return {
    scans: ofAlerts.filter((node) => node["Node Type"] === "Seq Scan").length,
    removed: ofAlerts.reduce((sum, node) => sum + (node["Rows Removed by Filter"] ?? 0), 0),
    blocks: top["Shared Hit Blocks"] + top["Shared Read Blocks"],
  };
}

beforeAll(async () => {
  // Half wait for a higher price or to be armed by a lower one, half the other way round: this tick concerns none of them.
  await db.execute(sql`INSERT INTO ${alerts} (id, user_id, metal, currency, alert_type, threshold, unit, karat, mode, hysteresis_percent,
      cooldown_seconds, start, active, state, created_at, updated_at)
    SELECT gen_random_uuid(), gen_random_uuid(), ${pair.metal}, ${pair.currency}, type,
      CASE WHEN (type = 'above') = (state = 'armed') THEN 1000 ELSE 10 END + n * 0.0001, 'toz', 24, 'recurring', 1, 0, 'now', true, state, now(), now()
    FROM generate_series(1, ${CROWD / 4}::int) n, (VALUES ('above', 'armed'), ('below', 'armed'), ('above', 'waiting'), ('below', 'waiting')) kind (type, state)`);
  await db.execute(sql`ANALYZE ${alerts}`);
  await store(pair, "500", minutes(0));
  const at = minutes(0).toISOString();
  const [row] = await db
    .select()
    .from(priceHistory)
    .where(and(eq(priceHistory.newValue, "500"), eq(priceHistory.bucket, minutes(0))));
  tick = { id: row?.id ?? "", ...pair, price: "500", previous: null, sources: 1, quotedAt: at, at };
}, 60_000);

describe("a tick that concerns none of 50,000 alerts", () => {
  it("is evaluated by reading no more than the way to the first of each kind", async () => {
    const read = await readBy(advance(atTime(minutes(0)), tick));
    expect(read).toMatchObject({ scans: 0, removed: 0 });
    expect(read.blocks).toBeLessThan(BLOCKS);
  });
});
