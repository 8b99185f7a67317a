import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { AppError } from "@souk/kit/errors";
import type { EventType } from "@souk/kit/events";
import { requireActor } from "@souk/kit/route";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { idOf, mutesOther, pairLock, relationTo } from "../queries/graph.ts";
import { keepPeople } from "../queries/person-lock.ts";
import { Relation } from "../people-schemas.ts";

interface Pair {
  me: SQL;
  other: SQL;
  /** The time of the change, as SQL. */
  now: SQL;
  /**
   * A CTE's text that tells of the change.
   * @param from the CTE whose row, if any, is the change
   * @param silent whether the event says that the other has muted the caller
   */
  tell: (type: EventType, from: SQL, silent?: "silent") => SQL;
}

/**
 * Changes what is between the caller and another in one round trip and one transaction, after whatever else is being changed between them.
 * @param change a statement whose row says by `allowed` whether there was such a person, or such a request
 * @returns the relation as it is then
 * @throws AppError unauthorized; bad_request for oneself; not_found when it was not allowed
 */
export async function changeRelation(
  context: Context<Env>,
  otherId: string,
  change: (pair: Pair) => SQL,
): Promise<Relation> {
  const { userId } = requireActor(context);
  if (userId === otherId) throw new AppError("bad_request", "This is yourself.");
  const [me, other] = [idOf(userId), idOf(otherId)];
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const tell: Pair["tell"] = (type, from, silent) =>
    appendEvents(context, type, {
      from,
      aggregateId: sql`${userId}`,
      data: sql`jsonb_build_object('userId', ${me}, 'otherId', ${other}${silent === undefined ? sql`` : sql`, 'silent', ${mutesOther(other, me)}`})`,
    });
  const [, , outcome, relation] = await context.db.batch([
    context.db.execute(keepPeople(userId, otherId)),
    context.db.execute(pairLock(userId, otherId)),
    context.db.execute(change({ me, other, now, tell })),
    context.db.execute(sql`SELECT ${relationTo(me, other)} AS relation`),
  ]);
  const [{ allowed }] = z.tuple([z.object({ allowed: z.boolean() })]).parse(outcome.rows);
  if (!allowed) throw new AppError("not_found", "There is no such person, or no such request between you.");
  const [row] = z.tuple([z.object({ relation: Relation })]).parse(relation.rows);
  return row.relation;
}
