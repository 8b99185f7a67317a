import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { ImportedAccount } from "../schemas.ts";

/**
 * Stores accounts of another system with the password hashes that they have. It is for operators with the database's credentials.
 * An address that is there already, or twice in the batch, is left as it is, so that an import can be run again. Nobody is written to.
 * @param accounts at most a few hundred: one statement, one transaction
 * @returns how many were stored
 */
export async function importAccounts(
  context: Context,
  accounts: readonly ImportedAccount[],
): Promise<{ imported: number }> {
  const now = context.now().toISOString();
  const rows = accounts.map((account) => ({
    id: context.newId(),
    event_id: context.newId(),
    email: account.email,
    password_hash: account.passwordHash,
    first_name: account.firstName,
    last_name: account.lastName,
    created_at: account.createdAt ?? now,
    status: account.verified ? "active" : "pending",
    verified_at: account.verified ? (account.createdAt ?? now) : null,
  }));
  const { rowCount } = await context.db.execute(sql`
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS g (
        id uuid, event_id uuid, email text, password_hash text, first_name text, last_name text, created_at timestamptz, status text,
        verified_at timestamptz)
    ), created AS (
      INSERT INTO ${users} (id, email, password_hash, first_name, last_name, status, verified_at, created_at, updated_at)
      SELECT id, email, password_hash, first_name, last_name, status, verified_at, created_at, ${now}::timestamptz FROM given
      ON CONFLICT (lower(email)) DO NOTHING
      RETURNING id
    ), told AS (SELECT id, event_id FROM created JOIN given USING (id)), event AS (
      ${appendEvents(context, "user.imported", {
        from: sql`told`,
        id: sql`event_id`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id)`,
      })}
    )
    SELECT id FROM created`);
  return { imported: rowCount };
}
