import { z } from "@hono/zod-openapi";
import { EVENT_TYPES, SUBSCRIBERS } from "@souk/kit/events";
import { Instant } from "@souk/kit/instant";
import { REPLAYABLE_DAYS } from "@souk/kit/retention";
import { pageOf, PageQuery } from "@souk/kit/pagination";

const DeadLetterItem = z
  .object({
    id: z.uuid(),
    subscriber: z.string().nullable(),
    eventId: z.uuid().nullable(),
    eventType: z.string().nullable(),
    reason: z.string(),
    attempts: z.int(),
    body: z.unknown(),
    createdAt: z.iso.datetime(),
    replayedAt: z.iso.datetime().nullable(),
    replayedBy: z.string().nullable(),
  })
  .openapi("DeadLetter");
export const DeadLetterPage = pageOf(DeadLetterItem).openapi("DeadLetterPage");
export const DeadLetterQuery = PageQuery.extend({
  state: z.enum(["open", "all"]).default("open").openapi({ description: "`open`: not replayed yet" }),
});

/** How many are counted at most: who has so many behind needs no exact number. */
export const COUNTED = 10_000;

export const EventsStatus = z
  .object({
    unsent: z.int().openapi({ description: `Events waiting to be sent; counted up to ${COUNTED}` }),
    oldestUnsentAt: z.iso.datetime().nullable(),
    openDeadLetters: z.int().openapi({ description: `Not replayed yet; counted up to ${COUNTED}` }),
  })
  .openapi("EventsStatus");

export const ReplayRequest = z
  .strictObject({
    subscriber: z.enum(SUBSCRIBERS),
    from: Instant.openapi({
      description: `Events recorded at this time or later, within the last ${REPLAYABLE_DAYS} days`,
    }),
    to: Instant.openapi({ description: "Events recorded before this time" }),
    types: z
      .array(z.enum(EVENT_TYPES))
      .min(1)
      .optional()
      .openapi({ description: "Only these types; all when left out" }),
    cursor: z
      .string()
      .max(500)
      .optional()
      .openapi({ description: "`nextCursor` of the call before, with all else as in that call" }),
  })
  .openapi("ReplayRequest");
export type ReplayRequest = z.infer<typeof ReplayRequest>;

/** Events that one call sends again at most, so that it ends long before its caller gives up. */
export const REPLAYED = 2_000;

export const Replay = z
  .object({
    id: z.uuid(),
    sent: z.int().openapi({ description: `By this call; at most ${REPLAYED}` }),
    nextCursor: z
      .string()
      .nullable()
      .openapi({ description: "Where the next call goes on; null when the part is sent" }),
  })
  .openapi("Replay");
export type Replay = z.infer<typeof Replay>;
