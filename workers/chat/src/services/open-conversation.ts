import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { answerOf, type Outcome } from "../conversation/outcome.ts";
import type { Env } from "../env.ts";

/** The object of a conversation. */
const conversationOf = (context: Context<Env>, id: string) => context.env.CONVERSATION.getByName(id);

/**
 * Asks a conversation's object something, within a time.
 * @throws AppError what it refuses; TaskCancelledError when it does not answer
 */
export const askConversation = async <T>(
  context: Context<Env>,
  id: string,
  question: (conversation: ReturnType<typeof conversationOf>) => Promise<Outcome<T>>,
): Promise<T> => answerOf(await callTimeout.execute(() => question(conversationOf(context, id))));
