import { totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { dataKeyId, seal, unseal } from "@souk/kit/envelope";
import { notLike, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { TOTP_PURPOSE } from "./prove-factor.ts";

const AT_ONCE = 1_000;

/**
 * Seals secrets anew that another than the newest data key seals, so that an old key can be taken out.
 * @returns how many it found
 * @throws Error when a secret's key is not there
 */
export async function resealFactors(context: Context<Env>): Promise<number> {
  const keys = context.env.DATA_KEYS;
  const { id, sealedSecret } = totpFactors;
  const factors = await context.db
    .select({ id, sealedSecret })
    .from(totpFactors)
    .where(notLike(sealedSecret, `${(await dataKeyId(keys[0])).replaceAll("_", "\\_")}.%`))
    .limit(AT_ONCE);
  const resealed = await Promise.all(
    factors.map(async (factor) => {
      const place = { purpose: TOTP_PURPOSE, rowId: factor.id };
      const sealed = await seal(keys, await unseal(keys, factor.sealedSecret, place), place);
      return { id: factor.id, before: factor.sealedSecret, sealed };
    }),
  );
  if (resealed.length > 0)
    await context.db.execute(sql`
      UPDATE ${totpFactors} AS factor SET sealed_secret = fresh.sealed
      FROM jsonb_to_recordset(${JSON.stringify(resealed)}::jsonb) AS fresh (id uuid, before text, sealed text)
      WHERE factor.id = fresh.id AND factor.sealed_secret = fresh.before`);
  return resealed.length;
}
