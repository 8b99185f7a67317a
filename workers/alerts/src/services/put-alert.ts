import { alerts } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { sql, type SQL } from "drizzle-orm";
import { changeAlert, insertAlert, lockAlertsOf, MAX_ALERTS } from "../alert-statements.ts";
import type { Env } from "../env.ts";
import { assertPriced } from "../known-pair.ts";
import { Alert, type NewAlert } from "../schemas.ts";

/** The alert that a PUT means: by client id, else the newest not yet done that watches the same (conflicts.md C5). */
function meant(userId: string, alert: NewAlert): SQL {
  if (alert.clientId !== undefined)
    return sql`a.user_id = ${userId}::uuid AND a.client_id = ${alert.clientId}`;
  return sql`a.id = (SELECT max(b.id::text)::uuid FROM alerts.alerts b WHERE b.user_id = ${userId}::uuid AND b.client_id IS NULL AND b.state <> 'done'
    AND b.metal = ${alert.metal} AND b.currency = ${alert.currency} AND b.alert_type = ${alert.type} AND b.threshold = ${alert.threshold}::numeric
    AND b.unit = ${alert.unit} AND b.karat = ${alert.karat}::int)`;
}

/**
 * Creates the alert, or changes the one it means to what is given. A repeat changes nothing; an alert with a client id that has fired comes
 * back only when what it watches changes.
 * @throws AppError unauthorized, validation_failed, limit_reached
 */
export async function putAlert(
  context: Context<Env>,
  alert: NewAlert,
): Promise<{ alert: Alert; created: boolean }> {
  const { userId } = requireActor(context);
  assertPriced(context.env, alert, alert.karat);
  const { db } = context;
  const which = meant(userId, alert);
  const [, changed, made] = await db.batch([
    db.execute(lockAlertsOf(userId)),
    db.execute(changeAlert(context, which, alert)),
    db.execute(insertAlert(context, userId, alert, sql`NOT EXISTS (SELECT FROM ${alerts} a WHERE ${which})`)),
  ]);
  const [row] = [...changed.rows, ...made.rows];
  if (row === undefined)
    throw new AppError("limit_reached", `You have ${MAX_ALERTS} alerts. Delete one first.`);
  return { alert: Alert.parse(row), created: made.rows.length > 0 };
}
