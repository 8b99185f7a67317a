import { isoTime } from "@souk/db/iso-time";
import { conversations } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import { Instant } from "@souk/kit/instant";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireAdmin } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { LegalHold, type LegalHoldPage } from "../schemas/legal-hold.ts";

const Position = z.tuple([Instant, z.uuid()]);
const Rows = z.array(z.object({ held: LegalHold }));

/**
 * Conversations that are held, the latest first, from the directory, which follows the conversations within seconds.
 * @throws AppError unauthorized, forbidden, invalid_cursor
 */
export async function listLegalHolds(
  context: Context<Env>,
  query: { cursor?: string | undefined; limit: number },
): Promise<LegalHoldPage> {
  requireAdmin(context);
  const after = query.cursor === undefined ? undefined : readCursor(Position, query.cursor);
  const older =
    after === undefined ? sql`true` : sql`(held_since, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  const { rows } = await context.db.execute(sql`SELECT jsonb_build_object(
      'conversationId', id, 'reason', hold_reason, 'heldBy', held_by, 'heldSince', ${isoTime(sql`held_since`)}) AS held
    FROM ${conversations} WHERE held_since IS NOT NULL AND ${older}
    ORDER BY held_since DESC, id DESC LIMIT ${query.limit + 1}`);
  return toPage(
    Rows.parse(rows).map(({ held }) => held),
    query.limit,
    ({ heldSince, conversationId }) => [heldSince, conversationId],
  );
}
