import { deadLetters } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { Delivery } from "@souk/kit/events";
import { callTimeout } from "@souk/kit/resilience";
import { requireAdmin } from "@souk/kit/route";
import { and, eq, isNull } from "drizzle-orm";
import type { Env } from "../env.ts";
import { queueOf } from "../queues.ts";

/**
 * Sends a dead letter to its queue again, and marks it. Consumers know a repeat by the event's id, so a second call does no harm.
 * @throws AppError unauthorized, forbidden, not_found, conflict when what it holds is no event
 */
export async function replayDeadLetter(context: Context<Env>, id: string): Promise<void> {
  const { userId } = requireAdmin(context);
  const [letter] = await context.db.select().from(deadLetters).where(eq(deadLetters.id, id));
  if (letter === undefined) throw new AppError("not_found", "There is no such dead letter.");
  const delivery = Delivery.safeParse(letter.body);
  if (!delivery.success)
    throw new AppError("conflict", "This message is not an event and cannot be replayed.");
  // Sent first: a crash in between repeats the message, which is harmless; the other order would lose it.
  const queue = queueOf(context.env, delivery.data.subscriber);
  await callTimeout.execute(() => queue.send(delivery.data));
  await context.db
    .update(deadLetters)
    .set({ replayedAt: context.now(), replayedBy: userId })
    .where(and(eq(deadLetters.id, id), isNull(deadLetters.replayedAt)));
  context.log.warn("dead letter replayed", {
    deadLetterId: id,
    eventId: letter.eventId,
    subscriber: letter.subscriber,
    by: userId,
  });
}
