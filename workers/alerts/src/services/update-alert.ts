import { brokenConstraint } from "@souk/db/client";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { changeAlert } from "../alert-statements.ts";
import type { Env } from "../env.ts";
import { karatIsOfGold } from "../known-pair.ts";
import { Alert, type AlertChange } from "../schemas.ts";

/**
 * Changes an alert of the caller in one statement.
 * @param change fields left out keep their value
 * @throws AppError unauthorized, not_found, validation_failed
 */
export async function updateAlert(context: Context<Env>, id: string, change: AlertChange): Promise<Alert> {
  const { userId } = requireActor(context);
  try {
    const { rows } = await context.db.execute(
      changeAlert(context, sql`a.id = ${id}::uuid AND a.user_id = ${userId}::uuid`, change),
    );
    if (rows[0] === undefined) throw new AppError("not_found", "You have no such alert.");
    return Alert.parse(rows[0]);
  } catch (error) {
    if (brokenConstraint(error) === "alerts_karat_is_of_gold") throw karatIsOfGold();
    throw error;
  }
}
