import { z } from "@hono/zod-openapi";
import { MESSAGE_KINDS } from "@souk/db/schema/chat";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { MAX_ATTACHMENTS, MAX_MENTIONS } from "../limits.ts";
import { MAX_SEQ, anyId, anyText, line, moment, placeParam, seq } from "./fields.ts";

/** A file of the media service, named by its id. */
const Attachment = z.strictObject({
  mediaId: anyId,
  name: line.min(1).max(255),
  contentType: z.string().regex(/^[\w.+-]{1,64}\/[\w.+-]{1,64}$/, "No media type"),
  bytes: z.int().min(0),
});

export const Attachments = z.array(Attachment);

export const Mentions = z.array(z.uuid());

const messageFields = {
  conversationId: z.uuid(),
  seq: seq.openapi({ description: "The message's place: from 1, without gaps, the same for everyone" }),
  id: z.uuid(),
  senderId: z.uuid().nullable().openapi({ description: "Null: the system, or somebody who is gone" }),
  kind: z.enum(MESSAGE_KINDS),
  text: z.string().nullable().openapi({ description: "Null: deleted" }),
  replyTo: seq.nullable(),
  forwarded: z
    .object({ senderId: z.uuid().nullable(), sentAt: moment })
    .nullable()
    .openapi({ description: "Of a copy from elsewhere: who wrote it first, and when" }),
  hidden: z
    .boolean()
    .openapi({ description: "You deleted it for yourself: what it said is not shown to you" }),
  attachments: Attachments,
  mentions: Mentions,
  createdAt: moment,
  editedAt: moment.nullable(),
  deletedAt: moment.nullable(),
};

export const Message = z
  .object({
    ...messageFields,
    clientMessageId: z.string().nullable(),
    reactions: z.array(z.object({ emoji: z.string(), userIds: z.array(z.uuid()) })),
    pinned: z.boolean(),
    revision: z.int().openapi({ description: "Grows with each change: the higher one is the newer state" }),
  })
  .openapi("Message");
export type Message = z.infer<typeof Message>;

export const MessagePage = pageOf(Message).openapi("MessagePage");
export type MessagePage = z.infer<typeof MessagePage>;

export const ArchivedMessage = z.object(messageFields).openapi("ArchivedMessage");
export type ArchivedMessage = z.infer<typeof ArchivedMessage>;

const text = anyText.min(1);

const clientMessageId = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, "1 to 64 visible ASCII characters")
  .openapi({
    description: "Chosen by the client: a repeat with it is answered with the message that is there",
  });

export const NewMessage = z
  .strictObject({
    clientMessageId,
    text,
    replyTo: seq.optional(),
    attachments: Attachments.min(1).max(MAX_ATTACHMENTS).optional(),
    mentions: z.array(anyId).min(1).max(MAX_MENTIONS).optional(),
  })
  .openapi("NewMessage");
export type NewMessage = z.infer<typeof NewMessage>;

export const NewForward = z
  .strictObject({
    clientMessageId,
    conversationId: anyId.openapi({ description: "Of the message that is forwarded" }),
    seq,
  })
  .openapi("NewForward");
export type NewForward = z.infer<typeof NewForward>;

const EarlierText = z.object({ text: z.string(), writtenAt: moment }).openapi("EarlierText");
export type EarlierText = z.infer<typeof EarlierText>;
export const EarlierTexts = z.object({ items: z.array(EarlierText) }).openapi("EarlierTextList");

export const MessageChange = z.strictObject({ text }).openapi("MessageChange");
export type MessageChange = z.infer<typeof MessageChange>;

export const MessageParams = z.object({ id: anyId, seq: placeParam });

export const Reaction = z
  .strictObject({
    emoji: z
      .string()
      .max(64)
      .regex(/^\p{RGI_Emoji}$/v, "is no emoji")
      .openapi({ type: "string", example: "👍" }),
    on: z.boolean().default(true).openapi({ description: "`false` takes it back" }),
  })
  .openapi("MessageReaction");
export type Reaction = z.infer<typeof Reaction>;

export const MessageList = z.object({ items: z.array(Message) }).openapi("MessageList");

export const MessageSearch = PageQuery.extend({
  q: line
    .min(2)
    .max(100)
    .refine((value) => /[\p{L}\p{N}]/u.test(value), "Say a word")
    .openapi({ description: 'Words, all of which a message has; "a phrase", -without' }),
  conversationId: anyId.optional(),
});
export type MessageSearch = z.infer<typeof MessageSearch>;

export const FoundMessages = pageOf(ArchivedMessage).openapi("FoundMessagePage");
export type FoundMessages = z.infer<typeof FoundMessages>;

export const HistoryQuery = PageQuery.extend({
  before: placeParam.optional().openapi({ description: "Older than this place, newest first" }),
  from: placeParam.optional().openapi({ description: "This place and newer, oldest first" }),
}).refine(({ before, from }) => before === undefined || from === undefined, "Give `before` or `from`");
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const Cursor = z.strictObject({ seq: z.int().min(0).max(MAX_SEQ) }).openapi("CursorMove");

export const Receipt = z
  .object({ readSeq: z.int().min(0), deliveredSeq: z.int().min(0), unread: z.int().min(0) })
  .openapi("Receipt");
export type Receipt = z.infer<typeof Receipt>;
