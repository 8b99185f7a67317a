import { metrics } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { BEHAVIOUR, ENGAGEMENT, type Metric } from "../metrics.ts";
import { isBehaviour } from "../queries/activity.ts";
import type { Metrics, MetricsQuery } from "../people-schemas.ts";

const DAY_MS = 86_400_000;
const Row = z.object({ metric: z.string().nullable(), total: z.int() });

/**
 * What the caller did and what others did towards them, from the event log; events reach it within moments.
 * @throws AppError unauthorized
 */
export async function readMetrics(context: Context<Env>, query: MetricsQuery): Promise<Metrics> {
  const { userId } = requireActor(context);
  const today = context.now();
  const from = new Date(today.getTime() - (query.days - 1) * DAY_MS).toISOString().slice(0, 10);
  const mine = sql`FROM ${metrics} WHERE user_id = ${userId}::uuid AND day >= ${from}::date`;
  const { rows } = await context.db
    .execute(sql`SELECT metric, sum(count)::int AS total ${mine} GROUP BY metric
    UNION ALL SELECT NULL, count(DISTINCT day)::int ${mine} AND ${isBehaviour}`);
  const totals = new Map(
    z
      .array(Row)
      .parse(rows)
      .map(({ metric, total }) => [metric, total]),
  );
  const pick = <M extends Metric>(names: readonly M[]) =>
    Object.fromEntries(names.map((name) => [name, totals.get(name) ?? 0])) as Record<M, number>;
  return {
    from,
    to: today.toISOString().slice(0, 10),
    activeDays: totals.get(null) ?? 0,
    behaviour: pick(BEHAVIOUR),
    engagement: pick(ENGAGEMENT),
  };
}
