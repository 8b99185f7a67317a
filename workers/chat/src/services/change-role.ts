import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Member } from "../schemas/member.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Gives a member another role; who makes another the owner becomes an admin.
 * @throws AppError unauthorized, not_found; forbidden for everybody but the owner
 */
export const changeRole = (
  context: Context<Env>,
  id: string,
  userId: string,
  role: Member["role"],
): Promise<Member> =>
  actInConversation(context, id, (conversation, act) => conversation.changeRole(act, userId, role));
