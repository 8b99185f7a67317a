import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Registered, Registration } from "../schemas.ts";
import { allowMail } from "./allow-mail.ts";
import { hashPassword } from "./hash-password.ts";
import { refuseBreached } from "./refuse-breached.ts";

/**
 * Registers an account, pending until its address is verified. A known address gets the same answer after the same work, and its owner
 * a notice, at most once a minute.
 * @throws AppError validation_failed (`password`): known from a data breach
 */
export async function registerUser(context: Context<Env>, input: Registration): Promise<Registered> {
  const { email, firstName, lastName } = input;
  await refuseBreached(context, "password", input.password);
  const passwordHash = await hashPassword(input.password);
  const now = context.now().toISOString();
  // `known` reads the state before the statement: it never sees `created`.
  await context.db.execute(sql`
    WITH created AS (
      INSERT INTO ${users} (id, email, password_hash, first_name, last_name, created_at, updated_at)
      VALUES (${context.newId()}::uuid, ${email}, ${passwordHash}, ${firstName}, ${lastName}, ${now}::timestamptz, ${now}::timestamptz)
      ON CONFLICT (lower(email)) DO NOTHING
      RETURNING id
    ), registered AS (
      ${appendEvents(context, "user.registered", {
        from: sql`created`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id)`,
      })}
    ), known AS (
      SELECT id FROM ${users} WHERE lower(email) = ${email}
    ), allowed AS (
      ${allowMail(context, "repeated_registration", sql`known`)}
    ), repeated AS (
      ${appendEvents(context, "user.registration_repeated", {
        from: sql`allowed`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id)`,
      })}
    )
    SELECT 1`);
  return { user: { email, firstName, lastName, status: "pending" } };
}
