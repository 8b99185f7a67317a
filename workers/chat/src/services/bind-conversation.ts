import type { Context } from "@souk/kit/context";
import type { Founding } from "../conversation/create-conversation.ts";
import { objectId } from "../conversation-id.ts";
import type { Env } from "../env.ts";
import { askConversation } from "./open-conversation.ts";

/**
 * Makes the conversation about an object of another service, once; called again it brings in who is not there yet. That service answers
 * for it that these people have to do with each other: none of them is asked.
 */
export async function bindConversation(
  context: Context<Env>,
  binding: { object: { type: string; id: string }; title: string; userIds: string[] },
): Promise<{ conversationId: string }> {
  const { object, title } = binding;
  const userIds = [...new Set(binding.userIds)];
  const id = await objectId(object.type, object.id);
  const founding: Founding = {
    id,
    kind: "object",
    title,
    object,
    history: "all",
    members: userIds.map((userId) => ({ userId, role: "member", status: "active" })),
    eventIds: [],
  };
  await askConversation(context, id, (conversation) =>
    conversation.bind(context.now().toISOString(), founding),
  );
  return { conversationId: id };
}
