import { z } from "@hono/zod-openapi";
import { pageOf } from "@souk/kit/pagination";
import { line, moment } from "./fields.ts";
import { EarlierTexts, Message } from "./message.ts";

export const NewLegalHold = z
  .strictObject({
    reason: line
      .min(1)
      .max(1_000)
      .openapi({ description: "Why nothing of it may be lost, e.g. the number of a case" }),
  })
  .openapi("NewLegalHold");

export const LegalHold = z
  .object({
    conversationId: z.uuid(),
    reason: z.string(),
    heldBy: z.uuid(),
    heldSince: moment,
  })
  .openapi("LegalHold");
export type LegalHold = z.infer<typeof LegalHold>;

export const LegalHoldPage = pageOf(LegalHold).openapi("LegalHoldPage");
export type LegalHoldPage = z.infer<typeof LegalHoldPage>;

const { seq, senderId, forwarded, attachments, createdAt, editedAt } = Message.shape;

export const HeldMessage = z
  .object({
    seq,
    senderId,
    text: z.string().openapi({ description: "What it said when that was taken away" }),
    forwarded,
    attachments,
    edits: EarlierTexts.shape.items,
    createdAt,
    editedAt,
    why: z.enum(["edited", "deleted", "removed", "expired", "erased"]).openapi({
      description: "`deleted` by a member, `removed` by a moderator, `erased` with a person",
    }),
    keptAt: moment,
  })
  .openapi("HeldMessage");
export type HeldMessage = z.infer<typeof HeldMessage>;

export const HeldMessagePage = pageOf(HeldMessage).openapi("HeldMessagePage");
export type HeldMessagePage = z.infer<typeof HeldMessagePage>;
