import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { requireActor } from "@souk/kit/route";
import { traceparent } from "@souk/kit/trace";
import { watchObject } from "@souk/kit/watch-object";
import { answerOf, type Outcome } from "../conversation/outcome.ts";
import type { Act } from "../conversation/store.ts";
import type { Env } from "../env.ts";

/** The object of a conversation. */
const conversationOf = (context: Context<Env>, id: string) =>
  watchObject(context, "CONVERSATION", context.env.CONVERSATION.getByName(id));

type Conversation = ReturnType<typeof conversationOf>;

/** What a conversation's object says, a refusal too, within a time. @throws TaskCancelledError when it says nothing */
export const hearConversation = <T>(
  context: Context<Env>,
  id: string,
  question: (conversation: Conversation) => Promise<Outcome<T>>,
): Promise<Outcome<T>> => callTimeout.execute(() => question(conversationOf(context, id)));

/**
 * Asks a conversation's object something, within a time.
 * @throws AppError what it refuses; TaskCancelledError when it does not answer
 */
export const askConversation = async <T>(
  context: Context<Env>,
  id: string,
  question: (conversation: Conversation) => Promise<Outcome<T>>,
): Promise<T> => answerOf(await hearConversation(context, id, question));

/**
 * The same for the caller, now.
 * @throws AppError unauthorized, and what the object refuses
 */
export function actInConversation<T>(
  context: Context<Env>,
  id: string,
  doing: (conversation: Conversation, act: Act) => Promise<Outcome<T>>,
): Promise<T> {
  const { userId } = requireActor(context);
  const act = { userId, at: context.now().toISOString(), traceparent: traceparent(context.trace) };
  return askConversation(context, id, (conversation) => doing(conversation, act));
}
