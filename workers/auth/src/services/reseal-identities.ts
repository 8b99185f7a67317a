import { identities } from "@souk/db/schema/auth-identities";
import type { Context } from "@souk/kit/context";
import { dataKeyId, seal, unseal } from "@souk/kit/envelope";
import { notLike, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { REFRESH_PURPOSE, refreshRow } from "./prove-identity.ts";

const AT_ONCE = 1_000;

/**
 * Seals providers' tokens anew that another than the newest data key seals, so that an old key can be taken out.
 * @returns how many it found
 * @throws Error when a token's key is not there
 */
export async function resealIdentities(context: Context<Env>): Promise<number> {
  const keys = context.env.DATA_KEYS;
  const { id, provider, subject, sealedRefreshToken } = identities;
  const linked = await context.db
    .select({ id, provider, subject, before: sql<string>`${sealedRefreshToken}` })
    .from(identities)
    .where(notLike(sealedRefreshToken, `${(await dataKeyId(keys[0])).replaceAll("_", "\\_")}.%`))
    .limit(AT_ONCE);
  const resealed = await Promise.all(
    linked.map(async (identity) => {
      const place = { purpose: REFRESH_PURPOSE, rowId: refreshRow(identity.provider, identity.subject) };
      const sealed = await seal(keys, await unseal(keys, identity.before, place), place);
      return { id: identity.id, before: identity.before, sealed };
    }),
  );
  if (resealed.length > 0)
    await context.db.execute(sql`
      UPDATE ${identities} AS identity SET sealed_refresh_token = fresh.sealed
      FROM jsonb_to_recordset(${JSON.stringify(resealed)}::jsonb) AS fresh (id uuid, before text, sealed text)
      WHERE identity.id = fresh.id AND identity.sealed_refresh_token = fresh.before`);
  return resealed.length;
}
