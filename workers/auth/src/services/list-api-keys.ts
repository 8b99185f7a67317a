import { apiKeys } from "@souk/db/schema/auth-api-keys";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { and, desc, eq, isNotNull } from "drizzle-orm";
import type { ApiKeys } from "../api-key-schemas.ts";
import type { Env } from "../env.ts";
import { apiKeyView } from "./api-key-view.ts";

/** The actor's API keys that are not revoked, the newest first, without what would prove them. @throws AppError unauthorized */
export async function listApiKeys(context: Context<Env>): Promise<ApiKeys> {
  const { userId } = requireActor(context);
  const rows = await context.db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), isNotNull(apiKeys.slot)))
    .orderBy(desc(apiKeys.id));
  return { items: rows.map((row) => apiKeyView(row, context.now())), nextCursor: null };
}
