import { digestOf } from "@souk/db/erased";
import {
  blocks,
  erased,
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
import { eraseRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { lockPerson } from "../queries/person-lock.ts";

/**
 * Erases a person's profile, names, preferences and metrics, and what is between them and others, whoever began it; remembers that they
 * are gone, so that an event which comes late counts nothing and no profile is made anew.
 * @param event the request; a repeat erases nothing
 */
export async function erasePerson(
  context: Context<Env>,
  event: SoukEvent<"person.erasure_requested">,
): Promise<void> {
  const { userId } = event.data;
  const { db } = context;
  const them = sql`${userId}::uuid`;
  await db.batch([
    db.execute(lockPerson(userId)),
    db.execute(sql`INSERT INTO ${erased} (person) VALUES (${digestOf(userId)}) ON CONFLICT DO NOTHING`),
    db.execute(
      eraseRows(context, event, {
        usernames: sql`DELETE FROM ${usernames} WHERE user_id = ${them}`,
        profiles: sql`DELETE FROM ${profiles} WHERE user_id = ${them}`,
        preferences: sql`DELETE FROM ${preferences} WHERE user_id = ${them}`,
        metrics: sql`DELETE FROM ${metrics} WHERE user_id = ${them}`,
        follows: sql`DELETE FROM ${follows} WHERE follower_id = ${them} OR followed_id = ${them}`,
        friendships: sql`DELETE FROM ${friendships} WHERE low_id = ${them} OR high_id = ${them}`,
        blocks: sql`DELETE FROM ${blocks} WHERE blocker_id = ${them} OR blocked_id = ${them}`,
        mutes: sql`DELETE FROM ${mutes} WHERE muter_id = ${them} OR muted_id = ${them}`,
      }),
    ),
  ]);
}
