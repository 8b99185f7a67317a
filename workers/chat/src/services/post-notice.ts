import type { Context } from "@souk/kit/context";
import { objectId } from "../conversation-id.ts";
import type { Env } from "../env.ts";
import { askConversation } from "./open-conversation.ts";

/**
 * Writes a line of the system's into the conversation about an object, e.g. that the booking was confirmed.
 * @param notice its `key` makes a repeat harmless
 * @returns its place
 * @throws AppError not_found when nobody bound a conversation to the object
 */
export async function postNotice(
  context: Context<Env>,
  notice: { object: { type: string; id: string }; key: string; text: string },
): Promise<{ seq: number }> {
  const id = await objectId(notice.object.type, notice.object.id);
  const seq = await askConversation(context, id, (conversation) =>
    conversation.notice(context.now().toISOString(), { key: notice.key, text: notice.text }),
  );
  return { seq };
}
