import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { Member } from "../schemas/member.ts";
import { membersFor } from "./begin-conversation.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Brings people into a group; who does not let everybody write to them is asked first.
 * @throws AppError unauthorized; not_found, also for who is nobody to the caller; forbidden, limit_reached
 */
export async function inviteMembers(
  context: Context<Env>,
  id: string,
  userIds: string[],
): Promise<{ items: Member[] }> {
  const others = [...new Set(userIds)].filter((userId) => userId !== requireActor(context).userId);
  // Who may not manage the group is told so, before anything of the people.
  await actInConversation(context, id, (conversation, act) => conversation.invite(act, []));
  const people = await membersFor(context, requireActor(context).userId, others);
  return {
    items: await actInConversation(context, id, (conversation, act) => conversation.invite(act, people)),
  };
}
