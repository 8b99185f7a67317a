import { trustedDevices } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq } from "drizzle-orm";
import type { Env } from "../env.ts";

/** Asks for the second factor again on one of the actor's devices. @throws AppError not_found: no such device, or another's */
export async function forgetTrustedDevice(context: Context<Env>, id: string): Promise<void> {
  const { userId } = requireActor(context);
  const [forgotten] = await context.db
    .delete(trustedDevices)
    .where(and(eq(trustedDevices.id, id), eq(trustedDevices.userId, userId)))
    .returning({ id: trustedDevices.id });
  if (forgotten === undefined) throw new AppError("not_found", "No such device.");
}
