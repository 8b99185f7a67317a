import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { callTimeout } from "@souk/kit/resilience";
import { requireActor } from "@souk/kit/route";
import type { Reach } from "@souk/kit/rpc";
import { traceparent } from "@souk/kit/trace";
import type { Founding, NewMember } from "../conversation/create-conversation.ts";
import { directId, groupId } from "../conversation-id.ts";
import type { Env } from "../env.ts";
import type { Conversation, NewConversation } from "../schemas/conversation.ts";
import { askConversation } from "./open-conversation.ts";

/**
 * How each of some people may be brought into a conversation by the caller.
 * @throws AppError not_found when one of them is nobody to the caller; forbidden when one wants no such thing
 */
export async function membersFor(
  context: Context<Env>,
  callerId: string,
  userIds: string[],
): Promise<NewMember[]> {
  if (userIds.length === 0) return [];
  const trace = traceparent(context.trace);
  const found = await callTimeout.execute(() => context.env.USERS.reach(callerId, userIds, trace));
  const reaches = new Map<string, Reach>(found.map(({ userId, reach }) => [userId, reach]));
  return userIds.map((userId) => {
    const reach = reaches.get(userId) ?? "none";
    if (reach === "none") throw new AppError("not_found", "There is no such person.");
    if (reach === "closed") throw new AppError("forbidden", "This person does not want to be written to.");
    return { userId, role: "member", status: reach === "open" ? "active" : "requested" };
  });
}

async function foundingOf(context: Context<Env>, userId: string, input: NewConversation): Promise<Founding> {
  if (input.kind === "direct") {
    if (input.peerId === userId) throw new AppError("bad_request", "This is yourself.");
    return {
      id: await directId(userId, input.peerId),
      kind: "direct",
      title: null,
      object: null,
      history: "all",
      members: [
        { userId, role: "member", status: "active" },
        ...(await membersFor(context, userId, [input.peerId])),
      ],
      eventIds: [context.newId(), context.newId()],
    };
  }
  const { clientConversationId, title, history } = input;
  const others = [...new Set(input.userIds)].filter((id) => id !== userId);
  return {
    id: clientConversationId === undefined ? context.newId() : await groupId(userId, clientConversationId),
    kind: "group",
    title,
    object: null,
    history,
    members: [{ userId, role: "owner", status: "active" }, ...(await membersFor(context, userId, others))],
    eventIds: [context.newId(), ...others.map(() => context.newId())],
  };
}

/**
 * Begins a conversation, or finds the one that is there: with one person there is one, and a group has the id that the client chose.
 * @throws AppError unauthorized, bad_request, not_found, forbidden
 */
export async function beginConversation(
  context: Context<Env>,
  input: NewConversation,
): Promise<{ conversation: Conversation; made: boolean }> {
  const { userId } = requireActor(context);
  const founding = await foundingOf(context, userId, input);
  const act = { userId, at: context.now().toISOString() };
  return askConversation(context, founding.id, (conversation) => conversation.create(act, founding));
}
