import { trustedDevices } from "@souk/db/schema/auth-second-factor";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { and, desc, eq, gt } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { TrustedDevices } from "../second-factor-schemas.ts";

/** No one has more devices than this that they still use. */
const SHOWN = 100;

/** The devices that the actor's log-ins are not asked for a second factor on, newest first. @throws AppError unauthorized */
export async function listTrustedDevices(context: Context<Env>): Promise<TrustedDevices> {
  const { userId } = requireActor(context);
  const { id, userAgent, ip, createdAt, lastUsedAt, expiresAt } = trustedDevices;
  const devices = await context.db
    .select({ id, userAgent, ip, createdAt, lastUsedAt, expiresAt })
    .from(trustedDevices)
    .innerJoin(
      users,
      and(eq(users.id, trustedDevices.userId), eq(users.passwordVersion, trustedDevices.passwordVersion)),
    )
    .where(and(eq(trustedDevices.userId, userId), gt(expiresAt, context.now())))
    .orderBy(desc(createdAt))
    .limit(SHOWN);
  const items = devices.map((device) => ({
    ...device,
    createdAt: device.createdAt.toISOString(),
    lastUsedAt: device.lastUsedAt.toISOString(),
    expiresAt: device.expiresAt.toISOString(),
  }));
  return { items, nextCursor: null };
}
