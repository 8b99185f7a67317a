import { alerts } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { alertView } from "../alert-statements.ts";
import type { Env } from "../env.ts";
import { Alert } from "../schemas.ts";

/**
 * An alert of the caller.
 * @throws AppError unauthorized, not_found
 */
export async function readAlert(context: Context<Env>, id: string): Promise<Alert> {
  const { userId } = requireActor(context);
  const { rows } = await context.db.execute(
    sql`SELECT ${alertView} FROM ${alerts} a WHERE a.id = ${id}::uuid AND a.user_id = ${userId}::uuid`,
  );
  if (rows[0] === undefined) throw new AppError("not_found", "You have no such alert.");
  return Alert.parse(rows[0]);
}
