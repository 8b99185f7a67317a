import { z } from "@hono/zod-openapi";
import { PRESENCE_STATUSES } from "@souk/kit/rpc";
import { MAX_PRESENCES } from "../limits.ts";
import { anyId, moment } from "./fields.ts";

export const PresenceQuery = z.object({
  ids: z
    .string()
    .max(MAX_PRESENCES * 37)
    .transform((ids) => [...new Set(ids.split(","))])
    .pipe(z.array(anyId).min(1).max(MAX_PRESENCES))
    .openapi({ type: "string", description: `Ids of at most ${MAX_PRESENCES} people, between commas` }),
});

const Presence = z
  .object({
    userId: z.uuid(),
    status: z.enum(PRESENCE_STATUSES).openapi({
      description: "`away`: connected, with devices that nobody uses",
    }),
    lastSeenAt: moment.nullable().openapi({ description: "Of who is offline. Null: not known" }),
    at: moment.openapi({ description: "When it was so: of two answers the later one counts" }),
  })
  .openapi("Presence");
export type Presence = z.infer<typeof Presence>;

export const PresenceList = z.object({ items: z.array(Presence) }).openapi("PresenceList");

export const PresenceWatch = z
  .strictObject({ userIds: z.array(anyId).min(1).max(MAX_PRESENCES) })
  .openapi("PresenceWatch");

export const WatchedPresence = z
  .object({
    items: z.array(Presence),
    until: moment.openapi({ description: "So long changes are pushed; ask again before" }),
  })
  .openapi("WatchedPresence");
export type WatchedPresence = z.infer<typeof WatchedPresence>;
