import { trustedDevices } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { noteSecurityEvent } from "./note-security-event.ts";

/** Asks for the second factor again on one of the actor's devices. @throws AppError not_found: no such device, or another's */
export async function forgetTrustedDevice(context: Context<Env>, id: string): Promise<void> {
  const { userId } = requireActor(context);
  const { rows } = await context.db.execute(sql`
    WITH forgotten AS (
      DELETE FROM ${trustedDevices} WHERE id = ${id}::uuid AND user_id = ${userId}::uuid RETURNING user_id
    ), noted AS (${noteSecurityEvent(context, "trusted_device.removed", { from: sql`forgotten`, userId: sql`user_id` })})
    SELECT user_id FROM forgotten`);
  if (rows.length === 0) throw new AppError("not_found", "No such device.");
}
