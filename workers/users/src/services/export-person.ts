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
  event: SoukEvent<"person.export_requested" | "person.export_continued">,
): Promise<void> {
  const them = sql`${event.data.userId}::uuid`;
  await exportRows(context, event, {
    profiles: { rows: sql`SELECT * FROM ${profiles} WHERE user_id = ${them}`, key: ["id"] },
    usernames: { rows: sql`SELECT * FROM ${usernames} WHERE user_id = ${them}`, key: ["id"] },
    preferences: { rows: sql`SELECT * FROM ${preferences} WHERE user_id = ${them}`, key: ["id"] },
    metrics: { rows: sql`SELECT * FROM ${metrics} WHERE user_id = ${them}`, key: ["day", "metric"] },
    follows: { rows: sql`SELECT * FROM ${follows} WHERE follower_id = ${them}`, key: ["id"] },
    followers: { rows: sql`SELECT * FROM ${follows} WHERE followed_id = ${them}`, key: ["id"] },
    friendships: {
      // Not by OR: the first page would be looked for in all friendships, in the order of their ids.
      rows: sql`SELECT * FROM ${friendships} WHERE low_id = ${them} UNION ALL SELECT * FROM ${friendships} WHERE high_id = ${them}`,
      key: ["id"],
    },
    blocks: { rows: sql`SELECT * FROM ${blocks} WHERE blocker_id = ${them}`, key: ["id"] },
    mutes: { rows: sql`SELECT * FROM ${mutes} WHERE muter_id = ${them}`, key: ["id"] },
  });
}
