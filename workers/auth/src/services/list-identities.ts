import { identities } from "@souk/db/schema/auth-identities";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { eq } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Identities } from "../provider-schemas.ts";

/** The identities that the actor can log in with: at most one of each provider. @throws AppError unauthorized */
export async function listIdentities(context: Context<Env>): Promise<Identities> {
  const { userId } = requireActor(context);
  const { id, provider, email, createdAt, lastUsedAt } = identities;
  const linked = await context.db
    .select({ id, provider, email, createdAt, lastUsedAt })
    .from(identities)
    .where(eq(identities.userId, userId))
    .orderBy(provider);
  const items = linked.map((identity) => ({
    ...identity,
    createdAt: identity.createdAt.toISOString(),
    lastUsedAt: identity.lastUsedAt?.toISOString() ?? null,
  }));
  return { items, nextCursor: null };
}
