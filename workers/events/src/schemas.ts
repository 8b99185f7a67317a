import { z } from "@hono/zod-openapi";
import { EVENT_TYPES, SUBSCRIBERS } from "@souk/kit/events";
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

export const ReplayRequest = z
  .strictObject({
    subscriber: z.enum(SUBSCRIBERS),
    from: z.iso.datetime({ offset: true }).openapi({ description: "Events recorded at this time or later" }),
    to: z.iso.datetime({ offset: true }).openapi({ description: "Events recorded before this time" }),
    types: z
      .array(z.enum(EVENT_TYPES))
      .min(1)
      .optional()
      .openapi({ description: "Only these types; all when left out" }),
  })
  .openapi("ReplayRequest");
export type ReplayRequest = z.infer<typeof ReplayRequest>;

export const Replay = z.object({ id: z.uuid(), sent: z.int() }).openapi("Replay");
