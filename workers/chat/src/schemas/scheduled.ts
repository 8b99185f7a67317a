import { z } from "@hono/zod-openapi";
import { SCHEDULE_FAILURES } from "@souk/db/schema/chat";
import { Instant } from "@souk/kit/instant";
import { MAX_SCHEDULED } from "../limits.ts";
import { anyId, moment, seq } from "./fields.ts";
import { Attachments, Mentions, NewMessage } from "./message.ts";

const { clientMessageId: _, ...content } = NewMessage.shape;

/** Paths name it: so it is of what a path holds as it is, and no dots alone. */
const clientMessageId = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,64}$/, "1 to 64 letters, digits and -._~")
  .openapi({
    description:
      "Chosen by the client, and that of the message when it is sent: a repeat with it is answered with what is there",
  });

const sendAt = Instant.openapi({
  type: "string",
  format: "date-time",
  description: "From a minute to a year ahead",
});

export const NewScheduledMessage = z
  .strictObject({ ...content, clientMessageId, sendAt })
  .openapi("NewScheduledMessage");
export type NewScheduledMessage = z.infer<typeof NewScheduledMessage>;

export const ScheduledMessageChange = z
  .strictObject({ ...content, sendAt })
  .openapi("ScheduledMessageChange");
export type ScheduledMessageChange = z.infer<typeof ScheduledMessageChange>;

export const ScheduledMessageParams = z.object({ id: anyId, clientMessageId });

export const ScheduledMessage = z
  .object({
    conversationId: z.uuid(),
    clientMessageId: z.string(),
    text: z.string(),
    replyTo: seq.nullable(),
    attachments: Attachments,
    mentions: Mentions,
    sendAt: moment,
    failed: z.enum(SCHEDULE_FAILURES).nullable().openapi({
      description:
        "Why it was not sent when it was due: the code of the refusal. It is not tried again until you change it",
    }),
    revision: z.int().openapi({ description: "Grows with each change: the higher one is the newer state" }),
    createdAt: moment,
    updatedAt: moment,
  })
  .openapi("ScheduledMessage");
export type ScheduledMessage = z.infer<typeof ScheduledMessage>;

export const ScheduledMessageList = z
  .object({ items: z.array(ScheduledMessage).max(MAX_SCHEDULED) })
  .openapi("ScheduledMessageList");
