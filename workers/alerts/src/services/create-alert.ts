import { sqlState } from "@souk/db/client";
import { idempotencyKeys } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { once, type KeyedRequest } from "@souk/kit/idempotency";
import { requireActor } from "@souk/kit/route";
import { insertAlert, lockAlertsOf, MAX_ALERTS } from "../alert-statements.ts";
import type { Env } from "../env.ts";
import { assertPriced } from "../known-pair.ts";
import { Alert, type NewAlert } from "../schemas.ts";

const UNIQUE_VIOLATION = "23505";

/**
 * Creates an alert of the caller, once for each key.
 * @param request the key that the caller sent, if any
 * @returns the alert, as it was when it was created, and whether an earlier request with the key did that
 * @throws AppError unauthorized, validation_failed, conflict (the client id is taken), limit_reached, request_in_flight, idempotency_key_reused
 */
export async function createAlert(
  context: Context<Env>,
  alert: NewAlert,
  request?: KeyedRequest,
): Promise<{ alert: Alert; replayed: boolean }> {
  const { userId } = requireActor(context);
  assertPriced(context.env, alert, alert.karat);
  try {
    const { row, replayed } = await once(context, idempotencyKeys, {
      callerId: userId,
      request,
      before: lockAlertsOf(userId),
      effect: (when) => insertAlert(context, userId, alert, when),
    });
    if (row === undefined)
      throw new AppError("limit_reached", `You have ${MAX_ALERTS} alerts. Delete one first.`);
    return { alert: Alert.parse(row), replayed };
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION)
      throw new AppError("conflict", "You have an alert with this `clientId`.", { cause: error });
    throw error;
  }
}
