import { trustedDevices } from "@souk/db/schema/auth-second-factor";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { type PageQuery, readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { and, desc, eq, gt, lt } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { TrustedDevices } from "../second-factor-schemas.ts";

/**
 * The devices that the actor's log-ins are not asked for a second factor on, newest first.
 * @throws AppError unauthorized, invalid_cursor
 */
export async function listTrustedDevices(
  context: Context<Env>,
  { cursor, limit }: z.output<typeof PageQuery>,
): Promise<TrustedDevices> {
  const { userId } = requireActor(context);
  const after = cursor === undefined ? undefined : readCursor(z.uuid(), cursor);
  const { id, userAgent, ip, createdAt, lastUsedAt, expiresAt } = trustedDevices;
  const devices = await context.db
    .select({ id, userAgent, ip, createdAt, lastUsedAt, expiresAt })
    .from(trustedDevices)
    .innerJoin(
      users,
      and(eq(users.id, trustedDevices.userId), eq(users.passwordVersion, trustedDevices.passwordVersion)),
    )
    .where(
      and(
        eq(trustedDevices.userId, userId),
        gt(expiresAt, context.now()),
        after === undefined ? undefined : lt(id, after),
      ),
    )
    .orderBy(desc(id))
    .limit(limit + 1);
  const items = devices.map((device) => ({
    ...device,
    createdAt: device.createdAt.toISOString(),
    lastUsedAt: device.lastUsedAt.toISOString(),
    expiresAt: device.expiresAt.toISOString(),
  }));
  return toPage(items, limit, (device) => device.id);
}
