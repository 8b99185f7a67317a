import assert from "node:assert/strict";
import { z } from "zod";
import type { Mishap } from "./invocation.ts";
import type { QueueName } from "./queues.ts";
import type { Op } from "./schedule.ts";
import type { World } from "./world.ts";

/** Deliveries that the consumers allow. */
export const LAST = { notifications: 10, "email-bulk": 12 };
const Letter = z.object({ id: z.string(), event_id: z.string(), subscriber: z.string() });
const Marked = z.object({ marked: z.boolean() });

/** Invariant 15: a letter that counts as replayed was sent to its consumer again, whatever befell the replay. */
export async function replayLetters(world: World, mishap?: Mishap): Promise<void> {
  const letters = await world.rows(
    Letter,
    `SELECT id, event_id, subscriber FROM events.dead_letters
     WHERE replayed_at IS NULL AND event_id IN (SELECT id FROM events.log)`,
  );
  for (const { id, event_id, subscriber } of letters) {
    const before = world.queues.timesSent(subscriber, event_id);
    await world.workers.replay(id, mishap);
    const [letter] = await world.rows(
      Marked,
      "SELECT replayed_at IS NOT NULL AS marked FROM events.dead_letters WHERE id = $1",
      [id],
    );
    const sent = world.queues.timesSent(subscriber, event_id) > before;
    assert(sent || letter?.marked === false, "a letter marked as replayed was sent");
  }
}

/** Delivers whatever waits in a queue, in batches. */
export async function deliverAll(world: World, queue: QueueName): Promise<void> {
  const waiting = world.queues.kept[queue].map((_, place) => place);
  for (let start = 0; start < waiting.length; start += 10) await world.deliver(queue, waiting.slice(0, 10));
}

/** Makes a waiting message a dead letter, and has the dead letters replayed. */
export async function bury(
  world: World,
  { queue, which, mishap }: Extract<Op, { op: "bury" }>,
): Promise<void> {
  world.queues.tire(queue, which, LAST[queue] - 1);
  await world.deliver(queue, [which], { step: 0, kind: "fails before" });
  await deliverAll(world, "dead-letters");
  await replayLetters(world, mishap);
}
