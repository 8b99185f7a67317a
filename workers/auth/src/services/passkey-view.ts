import type { passkeys } from "@souk/db/schema/auth-passkeys";
import type { Passkey } from "../passkey-schemas.ts";

/** A passkey as its owner may see it. */
export const passkeyView = (row: typeof passkeys.$inferSelect): Passkey => ({
  id: row.id,
  name: row.name,
  aaguid: row.aaguid,
  backedUp: row.backedUp,
  createdAt: row.createdAt.toISOString(),
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
});
