import { blocks, follows, friendships, mutes, profiles } from "@souk/db/schema/users";
import { sql, type SQL } from "drizzle-orm";

/** An id as an expression. */
export const idOf = (userId: string): SQL => sql`${userId}::uuid`;

/**
 * First statement of a batch: what changes between two people is done one after the other, so that a block sees the follow that came
 * just before it, and the reverse.
 */
export function pairLock(one: string, other: string): SQL {
  const pair = [one, other].toSorted().join(":");
  return sql`SELECT pg_advisory_xact_lock(hashtextextended(${`users:pair:${pair}`}, 0))`;
}

const edge = (table: SQL, from: SQL, to: SQL): SQL =>
  sql`EXISTS (SELECT FROM ${table} WHERE ${from} AND ${to})`;

const followsOther = (one: SQL, other: SQL): SQL =>
  edge(sql`${follows} x`, sql`x.follower_id = ${one}`, sql`x.followed_id = ${other}`);
const blocksOther = (one: SQL, other: SQL): SQL =>
  edge(sql`${blocks} x`, sql`x.blocker_id = ${one}`, sql`x.blocked_id = ${other}`);
export const mutesOther = (one: SQL, other: SQL): SQL =>
  edge(sql`${mutes} x`, sql`x.muter_id = ${one}`, sql`x.muted_id = ${other}`);

/** The row `x` of two people's friendship or request. */
export const isPair = (one: SQL, other: SQL): SQL =>
  sql`x.low_id = least(${one}, ${other}) AND x.high_id = greatest(${one}, ${other})`;

export const areFriends = (one: SQL, other: SQL): SQL =>
  edge(sql`${friendships} x`, isPair(one, other), sql`x.status = 'accepted'`);
const asked = (one: SQL, other: SQL): SQL =>
  edge(sql`${friendships} x`, isPair(one, other), sql`x.status = 'requested' AND x.requested_by = ${one}`);

/** Neither has blocked the other: they may know of each other. */
export const apart = (one: SQL, other: SQL): SQL =>
  sql`(${blocksOther(one, other)} OR ${blocksOther(other, one)})`;

/** Whether the viewer belongs to the audience that a column of the owner's profile names; says nothing of blocks. */
const inAudience = (viewer: SQL, owner: SQL, column: SQL): SQL =>
  sql`(${column} IN ('public', 'user') OR (${column} IN ('friend', 'followed') AND ${areFriends(viewer, owner)})
    OR (${column} = 'followed' AND ${followsOther(owner, viewer)}))`;

/**
 * Whether the viewer may see the profile `p`: the one rule of every read path.
 * @param viewer null for a stranger
 */
export function maySee(viewer: string | null): SQL {
  if (viewer === null) return sql`p.profile_visibility = 'public'`;
  const me = idOf(viewer);
  return sql`(p.user_id = ${me} OR (${inAudience(me, sql`p.user_id`, sql`p.profile_visibility`)} AND NOT ${apart(me, sql`p.user_id`)}))`;
}

/** Whether the viewer may see when the person `p`, whose profile they see, was last active. */
export function maySeeActivity(viewer: string | null): SQL {
  if (viewer === null) return sql`p.activity_visibility = 'public'`;
  return sql`(p.user_id = ${idOf(viewer)} OR ${inAudience(idOf(viewer), sql`p.user_id`, sql`p.activity_visibility`)})`;
}

/** A profile that is there and not apart from the caller, whoever else may see it: whom one can stop following or mute. */
export const reachable = (me: SQL, other: SQL): SQL =>
  sql`SELECT p.user_id FROM ${profiles} p WHERE p.user_id = ${other} AND NOT ${apart(me, other)}`;

/** The caller's relation to another, as jsonb. Someone who blocks the caller looks like someone who has nothing to do with them. */
export function relationTo(me: SQL, other: SQL): SQL {
  // Not `p`: the other may be given by a column of a `p` outside.
  const mayWrite = sql`EXISTS (SELECT FROM ${profiles} addressee WHERE addressee.user_id = ${other} AND ${other} <> ${me}
    AND ${inAudience(me, sql`addressee.user_id`, sql`addressee.contact_audience`)} AND NOT ${apart(me, sql`addressee.user_id`)})`;
  return sql`jsonb_build_object('userId', ${other}, 'following', ${followsOther(me, other)}, 'followedBy', ${followsOther(other, me)},
    'friend', ${areFriends(me, other)}, 'requestSent', ${asked(me, other)}, 'requestReceived', ${asked(other, me)},
    'blocking', ${blocksOther(me, other)}, 'muting', ${mutesOther(me, other)}, 'mayWrite', ${mayWrite})`;
}

/** How each of some people may be written to by a person, and whether that person may see when they are active: one row for each id. */
export function reachOf(userId: string, otherIds: string[]): SQL {
  const me = idOf(userId);
  return sql`SELECT asked.id AS "userId", CASE
      WHEN p.user_id IS NULL OR ${apart(me, sql`p.user_id`)} THEN 'none'
      WHEN ${inAudience(me, sql`p.user_id`, sql`p.contact_audience`)} THEN 'open'
      WHEN p.contact_audience = 'nobody' THEN 'closed' ELSE 'request' END AS reach,
      p.user_id IS NOT NULL AND ${maySee(userId)} AND ${maySeeActivity(userId)} AS activity
    FROM (SELECT value::uuid AS id FROM jsonb_array_elements_text(${JSON.stringify(otherIds)}::jsonb)) AS asked
    LEFT JOIN ${profiles} p ON p.user_id = asked.id`;
}
