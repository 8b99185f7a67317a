import { stopwatch } from "@souk/db/stopwatch";
import { deadLetters } from "@souk/db/schema/events";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { DeadLetter, Delivery } from "@souk/kit/events";
import { sendSpans } from "@souk/kit/spans";
import { Env } from "../env.ts";

/** A consumer gives its reason; a message that the platform moved here itself comes bare. */
function read(message: Pick<Message, "body">): DeadLetter {
  const told = DeadLetter.safeParse(message.body);
  if (told.success) return told.data;
  const delivery = Delivery.safeParse(message.body);
  return {
    subscriber: delivery.data?.subscriber ?? null,
    reason: "The platform gave up: the consumer failed or died without a reason",
    attempts: 0,
    body: message.body,
  };
}

/** The `queue` handler of `dead-letters`: keeps each message in the table until an admin has it replayed. */
export async function keepDeadLetters(
  batch: { messages: readonly Pick<Message, "body">[]; ackAll: () => void },
  rawEnv: object,
  executionContext: Pick<ExecutionContext, "waitUntil">,
): Promise<void> {
  const context = createContext(parseEnv(Env, rawEnv), {
    service: "events",
    waitUntil: (work) => executionContext.waitUntil(work),
  });
  const rows = batch.messages.map((message) => {
    const { subscriber, reason, attempts, body } = read(message);
    const event = Delivery.safeParse(body).data?.event;
    context.log.error("dead letter", { subscriber, reason, eventId: event?.id, eventType: event?.type });
    return {
      id: context.newId(),
      subscriber,
      reason,
      attempts,
      body,
      eventId: event?.id,
      eventType: event?.type,
    };
  });
  const passed = stopwatch();
  // The same letter may arrive twice; one open row of it is enough.
  await context.db.insert(deadLetters).values(rows).onConflictDoNothing();
  batch.ackAll();
  context.spans?.own({
    name: "process dead-letters",
    kind: "consumer",
    ms: passed(),
    failed: false,
    attributes: { "messaging.system": "cloudflare_queues", "messaging.batch.message_count": rows.length },
  });
  sendSpans(context);
}
