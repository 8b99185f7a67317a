import { alerts } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Deletes an alert of the caller, with its history.
 * @throws AppError unauthorized, not_found
 */
export async function deleteAlert(context: Context<Env>, id: string): Promise<void> {
  const { userId } = requireActor(context);
  const { rowCount } = await context.db
    .delete(alerts)
    .where(and(eq(alerts.id, id), eq(alerts.userId, userId)));
  if (rowCount === 0) throw new AppError("not_found", "You have no such alert.");
}
