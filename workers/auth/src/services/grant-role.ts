import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { RoleGrant } from "../schemas.ts";

const Row = z.object({ id: z.uuid() });

/**
 * Gives an account a role, audited by an event. It is for operators with the database's credentials, who alone can run it: no route does.
 * Access tokens carry the old role until they expire.
 * @param input.grantedBy who did it, for the audit
 * @throws AppError not_found: no account has this address; ZodError when the input is malformed
 */
export async function grantRole(context: Context, input: RoleGrant): Promise<{ userId: string }> {
  const { email, role, grantedBy } = RoleGrant.parse(input);
  const { rows } = await context.db.execute(sql`
    WITH changed AS (
      UPDATE ${users} SET role = ${role}, updated_at = ${context.now().toISOString()}::timestamptz
      WHERE lower(email) = ${email} RETURNING id
    ), event AS (
      ${appendEvents(context, "role.granted", {
        from: sql`changed`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'role', ${role}::text, 'grantedBy', ${grantedBy}::text)`,
      })}
    )
    SELECT id FROM changed`);
  const changed = Row.safeParse(rows[0]).data;
  if (changed === undefined) throw new AppError("not_found", "No account has this address.");
  return { userId: changed.id };
}
