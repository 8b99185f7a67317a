import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { erasureParts, erasures } from "@souk/db/schema/auth-account-life";
import { identities } from "@souk/db/schema/auth-identities";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import type { SoukEvent } from "@souk/kit/events";
import { HOLDERS } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { accountKey, signedInKey } from "./allow-account.ts";
import { revokeAtProvider } from "./revoke-at-provider.ts";

const Held = z.object({ provider: z.string(), subject: z.string(), sealedRefreshToken: z.string() });

/**
 * Enters into a person's report what a service has erased, once for each event. When every service has answered, the account goes, with
 * all that hangs on it, and the report is closed; its providers are asked, once and without waiting for them, to revoke what they gave us.
 * The report's row is locked, so that of two last answers one sees the other.
 */
export async function recordErasure(
  context: Context<Env>,
  event: SoukEvent<"person.data_erased">,
): Promise<void> {
  const { userId, erasureId, counts } = event.data;
  const service = event.source.replace(/^souk\//, "");
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const { db } = context;
  const erasure = sql`id = ${erasureId}::uuid AND user_id = ${userId}::uuid`;
  const [, , held] = await db.batch([
    db.execute(sql`SELECT FROM ${erasures} WHERE ${erasure} FOR UPDATE`),
    db.execute(sql`
      INSERT INTO ${erasureParts} (event_id, erasure_id, service, counts, erased_at)
      SELECT ${event.id}::uuid, id, ${service}, ${JSON.stringify(counts)}::jsonb, ${event.time}::timestamptz
      FROM ${erasures} WHERE ${erasure}
      ON CONFLICT DO NOTHING`),
    db.execute(sql`
      WITH finished AS (
        UPDATE ${erasures} AS report SET finished_at = ${now}
        WHERE ${erasure} AND finished_at IS NULL AND ${sql.join(
          HOLDERS.map(
            (holder) =>
              sql`EXISTS (SELECT FROM ${erasureParts} AS part WHERE part.erasure_id = report.id AND part.service = ${holder})`,
          ),
          sql` AND `,
        )}
        RETURNING id, user_id
      ), gone AS (
        DELETE FROM ${users} AS person USING finished WHERE person.id = finished.user_id AND person.status = 'erasing'
        RETURNING person.id, person.email, finished.id AS erasure_id
      ), attempts AS (
        DELETE FROM ${accountAttempts} AS known USING gone WHERE known.account IN (${accountKey(sql`gone.email`)}, ${signedInKey(sql`gone.email`)})
      ), told AS (${appendEvents(context, "account.erased", {
        from: sql`gone`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'erasureId', erasure_id)`,
      })})
      SELECT provider, subject, sealed_refresh_token AS "sealedRefreshToken" FROM ${identities}
      WHERE user_id = (SELECT id FROM gone) AND sealed_refresh_token IS NOT NULL`),
  ]);
  for (const { provider, ...token } of z.array(Held).parse(held.rows))
    context.after(revokeAtProvider(context, provider, token));
}
