import type { apiKeys } from "@souk/db/schema/auth-api-keys";
import type { ApiKey } from "../api-key-schemas.ts";

/** An API key as its owner may see it. */
export const apiKeyView = (row: typeof apiKeys.$inferSelect, now: Date): ApiKey => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  expired: row.expiresAt !== null && row.expiresAt <= now,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  rolledAt: row.rolledAt?.toISOString() ?? null,
  previousUntil:
    row.previousUntil !== null && row.previousUntil > now ? row.previousUntil.toISOString() : null,
});
