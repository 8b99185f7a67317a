import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireAdmin } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { ImpersonationRequest, ImpersonationStarted } from "../impersonation-schemas.ts";
import { later, LIMITS } from "../limits.ts";
import { Account } from "../schemas.ts";
import { accountJson } from "./account-json.ts";
import { liveSession } from "./live-session.ts";
import { notBanned } from "./not-banned.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { hasSecondFactor, requireAssurance } from "./require-assurance.ts";
import { signAccessToken } from "./sign-access-token.ts";

const Row = z.object({
  user: Account.nullable(),
  /** Whether the admin has one; null when they are none any more, or their session has ended. */
  secondFactor: z.boolean().nullable(),
  opened: z.boolean(),
});

/**
 * Opens a session in which an admin acts as somebody, for as long as one access token lasts: there is no refresh. It hangs on the admin's
 * own session, and ends with it. The person reads of it in their security log and among their sessions.
 * @throws AppError unauthorized, forbidden; second_factor_required; not_found; conflict: an admin, a moderator, somebody banned, or an
 * account that is not active
 */
export async function impersonate(
  context: Context<Env>,
  userId: string,
  { reason }: ImpersonationRequest,
): Promise<ImpersonationStarted> {
  const admin = requireAdmin(context);
  const id = context.newId();
  const start = context.now();
  const now = sql`${start.toISOString()}::timestamptz`;
  const end = sql`${later(start, LIMITS.accessToken).toISOString()}::timestamptz`;
  const { db } = context;
  const [, { rows }] = await db.batch([
    // A ban of the one and a lesser role of the other come before this, or see its session. By id, so that nobody waits in a circle.
    db.execute(
      sql`SELECT FROM ${users} WHERE id IN (${admin.userId}::uuid, ${userId}::uuid) ORDER BY id FOR NO KEY UPDATE`,
    ),
    db.execute(sql`
      WITH admin AS (
        SELECT admin.id, ${sessions.id} AS session_id, ${hasSecondFactor(sql`admin.id`)} AS second_factor
        FROM ${users} AS admin JOIN ${sessions} ON ${sessions.userId} = admin.id
        WHERE admin.id = ${admin.userId}::uuid AND admin.role = 'admin' AND admin.status = 'active'
          AND ${and(eq(sessions.id, admin.sessionId), liveSession(start))}
      ), opened AS (
        INSERT INTO ${sessions} (id, user_id, device, created_at, refreshed_at, expires_at, updated_at,
          impersonator_id, impersonator_session_id, impersonation_reason)
        SELECT ${id}::uuid, person.id, 'Impersonation', ${now}, ${now}, ${end}, ${now}, admin.id, admin.session_id, ${reason}
        FROM ${users} AS person, admin
        WHERE person.id = ${userId}::uuid AND person.role NOT IN ('moderator', 'admin') AND person.status = 'active' AND ${notBanned(start)}
          AND (${admin.aal === 2} OR NOT admin.second_factor)
        RETURNING id, user_id, impersonator_id
      ), told AS (
        ${appendEvents(context, "impersonation.started", {
          from: sql`opened`,
          aggregateId: sql`user_id`,
          data: sql`jsonb_build_object('userId', user_id, 'sessionId', id, 'impersonatedBy', impersonator_id)`,
        })}
      ), noted AS (
        ${noteSecurityEvent(context, "impersonation.started", {
          from: sql`opened`,
          userId: sql`user_id`,
          details: sql`jsonb_build_object('sessionId', id)`,
        })}
      )
      SELECT (SELECT ${accountJson} FROM ${users} AS person WHERE person.id = ${userId}::uuid) AS user,
        (SELECT second_factor FROM admin) AS "secondFactor", EXISTS (SELECT FROM opened) AS opened`),
  ]);
  const [{ user, secondFactor, opened }] = z.tuple([Row]).parse(rows);
  if (secondFactor === null) throw new AppError("unauthorized", "The session has ended. Log in again.");
  requireAssurance(context, secondFactor);
  if (user === null) throw new AppError("not_found", "There is no such account.");
  if (!opened)
    throw new AppError(
      "conflict",
      "Admins, moderators, the banned and accounts that are not active stay themselves.",
    );
  const accessToken = await signAccessToken(context, user, id, 1, admin.userId);
  return { id, accessToken, expiresIn: LIMITS.accessToken, tokenType: "Bearer" };
}
