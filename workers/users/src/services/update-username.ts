import { profiles, usernames } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { toProfile } from "../answers.ts";
import type { Env } from "../env.ts";
import { USERNAME_DAYS } from "../limits.ts";
import type { Profile } from "../schemas.ts";
import { createProfile } from "./create-profile.ts";

const Outcome = z.object({ same: z.boolean(), wait: z.coerce.number(), changed: z.boolean() });

/**
 * Gives the caller a username, or another; the old one leads to the new one and stays theirs.
 * @throws AppError unauthorized; not_found when the account is gone; conflict when another has or had the name; too_many_requests within
 * 30 days of the last change
 */
export async function updateUsername(context: Context<Env>, username: string): Promise<Profile> {
  const { userId } = requireActor(context);
  const { db } = context;
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const change = () =>
    db.batch([
      db.execute(sql`WITH me AS (
          SELECT user_id, username IS NOT DISTINCT FROM ${username} AS same,
            greatest(ceil(extract(epoch FROM username_changed_at + make_interval(days => ${USERNAME_DAYS}) - ${now})), 0) AS wait
          FROM ${profiles} WHERE user_id = ${userId}::uuid FOR UPDATE
        ), taken AS (
          INSERT INTO ${usernames} AS n (id, name, user_id, created_at)
          SELECT ${context.newId()}::uuid, ${username.toLowerCase()}, user_id, ${now} FROM me WHERE NOT same AND coalesce(wait, 0) = 0
          ON CONFLICT (name) DO UPDATE SET name = excluded.name WHERE n.user_id = excluded.user_id RETURNING n.user_id
        ), changed AS (
          UPDATE ${profiles} p SET username = ${username}, updated_at = ${now},
            username_changed_at = CASE WHEN p.username IS NULL THEN NULL ELSE ${now} END
          FROM taken WHERE p.user_id = taken.user_id RETURNING p.user_id
        ), event AS (${appendEvents(context, "username.changed", {
          from: sql`changed`,
          aggregateId: sql`user_id::text`,
          data: sql`jsonb_build_object('userId', user_id, 'username', ${username}::text)`,
        })})
        SELECT me.same, coalesce(me.wait, 0)::int AS wait, EXISTS (SELECT FROM changed) AS changed FROM me`),
      db.select().from(profiles).where(eq(profiles.userId, userId)),
    ]);
  let [{ rows }, [profile]] = await change();
  if (profile === undefined && (await createProfile(context, userId)) !== null)
    [{ rows }, [profile]] = await change();
  if (profile === undefined) throw new AppError("not_found", "This account no longer exists.");
  const [{ same, wait, changed }] = z.tuple([Outcome]).parse(rows);
  if (changed || same) return toProfile(profile);
  if (wait > 0)
    throw new AppError("too_many_requests", `A username may be changed once in ${USERNAME_DAYS} days.`, {
      retryAfter: wait,
    });
  throw new AppError("conflict", "Another person has this name, or had it.");
}
