import { users } from "@souk/db/schema/auth";
import { ROLES } from "@souk/kit/actor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { may, PERMISSIONS } from "@souk/kit/permissions";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { RoleGrant } from "../schemas.ts";
import { endSessions } from "./end-sessions.ts";
import { noteSecurityEvent } from "./note-security-event.ts";

const Row = z.object({ id: z.uuid() });

/**
 * Gives an account a role, audited by an event. It is for operators with the database's credentials, who alone can run it: no route does.
 * Who loses a permission by it loses all sessions at once, since access tokens carry the role; a gain counts from the next token on.
 * @param input.grantedBy who did it, for the audit
 * @throws AppError not_found: no account has this address; ZodError when the input is malformed
 */
export async function grantRole(context: Context, input: RoleGrant): Promise<{ userId: string }> {
  const { email, role, grantedBy } = RoleGrant.parse(input);
  const { db } = context;
  const losing = JSON.stringify(ROLES.filter((before) => PERMISSIONS[before].some((one) => !may(role, one))));
  const [, , { rows }] = await db.batch([
    db.execute(sql`SELECT FROM ${users} WHERE lower(email) = ${email} FOR NO KEY UPDATE`),
    // A statement of its own, which sees also the sessions of log-ins that the first one waited for.
    db.execute(
      endSessions(
        context,
        "role_changed",
        sql`session.user_id = (SELECT id FROM ${users} WHERE lower(email) = ${email}
          AND role IN (SELECT jsonb_array_elements_text(${losing}::jsonb)))`,
      ),
    ),
    db.execute(sql`
      WITH person AS (
        SELECT id, role AS before FROM ${users} WHERE lower(email) = ${email}
      ), changed AS (
        UPDATE ${users} AS account SET role = ${role}, updated_at = ${context.now().toISOString()}::timestamptz
        FROM person WHERE account.id = person.id RETURNING account.id, person.before
      ), event AS (
        ${appendEvents(context, "role.granted", {
          from: sql`changed`,
          aggregateId: sql`id`,
          data: sql`jsonb_build_object('userId', id, 'role', ${role}::text, 'before', before, 'grantedBy', ${grantedBy}::text)`,
        })}
      ), noted AS (
        ${noteSecurityEvent(context, "role.granted", {
          from: sql`changed`,
          userId: sql`id`,
          details: sql`jsonb_build_object('role', ${role}::text, 'before', before)`,
        })}
      )
      SELECT id FROM changed`),
  ]);
  const changed = Row.safeParse(rows[0]).data;
  if (changed === undefined) throw new AppError("not_found", "No account has this address.");
  return { userId: changed.id };
}
