import {
  blocks,
  follows,
  friendships,
  metrics,
  mutes,
  preferences,
  profiles,
  usernames,
} from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { exportRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Gives a person's profile, names, preferences, metrics and what is between them and others to their copy. Who blocks or mutes them is
 * those people's own and not told.
 * @throws whatever the database or `auth` throws; the event is then to be delivered again
 */
export async function exportPerson(
  context: Context<Env>,
  event: SoukEvent<"person.export_requested">,
): Promise<void> {
  const them = sql`${event.data.userId}::uuid`;
  await exportRows(context, event, {
    profiles: sql`SELECT * FROM ${profiles} WHERE user_id = ${them} ORDER BY id DESC`,
    usernames: sql`SELECT * FROM ${usernames} WHERE user_id = ${them} ORDER BY id DESC`,
    preferences: sql`SELECT * FROM ${preferences} WHERE user_id = ${them} ORDER BY id DESC`,
    metrics: sql`SELECT * FROM ${metrics} WHERE user_id = ${them} ORDER BY day DESC, metric`,
    follows: sql`SELECT * FROM ${follows} WHERE follower_id = ${them} OR followed_id = ${them} ORDER BY id DESC`,
    friendships: sql`SELECT * FROM ${friendships} WHERE low_id = ${them} OR high_id = ${them} ORDER BY id DESC`,
    blocks: sql`SELECT * FROM ${blocks} WHERE blocker_id = ${them} ORDER BY id DESC`,
    mutes: sql`SELECT * FROM ${mutes} WHERE muter_id = ${them} ORDER BY id DESC`,
  });
}
