import { sqlState } from "@souk/db/client";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { insertAlert, lockAlertsOf, MAX_ALERTS } from "../alert-statements.ts";
import type { Env } from "../env.ts";
import { assertPriced } from "../known-pair.ts";
import { Alert, type NewAlert } from "../schemas.ts";

const UNIQUE_VIOLATION = "23505";

/**
 * Creates an alert of the caller.
 * @throws AppError unauthorized, validation_failed, conflict (the client id is taken), limit_reached
 */
export async function createAlert(context: Context<Env>, alert: NewAlert): Promise<Alert> {
  const { userId } = requireActor(context);
  assertPriced(context.env, alert, alert.karat);
  const { db } = context;
  try {
    const [, made] = await db.batch([
      db.execute(lockAlertsOf(userId)),
      db.execute(insertAlert(context, userId, alert)),
    ]);
    const [row] = made.rows;
    if (row === undefined)
      throw new AppError("limit_reached", `You have ${MAX_ALERTS} alerts. Delete one first.`);
    return Alert.parse(row);
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION)
      throw new AppError("conflict", "You have an alert with this `clientId`.", { cause: error });
    throw error;
  }
}
