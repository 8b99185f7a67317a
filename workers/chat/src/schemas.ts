import { z } from "@hono/zod-openapi";
import { HISTORIES, KINDS, MEMBER_ROLES, MEMBER_STATUSES, MESSAGE_KINDS } from "@souk/db/schema/chat";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { MAX_ATTACHMENTS, MAX_INVITED, MAX_MENTIONS, MAX_TEXT_BYTES } from "./limits.ts";

const anyId = z.uuid().toLowerCase();
const seq = z.int().min(1);
const moment = z.iso.datetime({ offset: true });
const line = z.string().trim().refine(isOneLine, ONE_LINE);

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

const ArchivedMessage = z.object(messageFields).openapi("ArchivedMessage");
export type ArchivedMessage = z.infer<typeof ArchivedMessage>;

const text = z
  .string()
  .min(1)
  .refine(
    (value) => new TextEncoder().encode(value).byteLength <= MAX_TEXT_BYTES,
    `has more than ${MAX_TEXT_BYTES} bytes`,
  );

export const NewMessage = z
  .strictObject({
    clientMessageId: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/, "1 to 64 visible ASCII characters")
      .openapi({
        description: "Chosen by the client: a repeat with it is answered with the message that is there",
      }),
    text,
    replyTo: seq.optional(),
    attachments: Attachments.max(MAX_ATTACHMENTS).default([]),
    mentions: z.array(anyId).max(MAX_MENTIONS).default([]),
  })
  .openapi("NewMessage");
export type NewMessage = z.infer<typeof NewMessage>;

export const MessageChange = z.strictObject({ text }).openapi("MessageChange");
export type MessageChange = z.infer<typeof MessageChange>;

export const Member = z
  .object({
    userId: z.uuid(),
    role: z.enum(MEMBER_ROLES),
    status: z.enum(MEMBER_STATUSES),
    readSeq: z.int().min(0),
    deliveredSeq: z.int().min(0),
    joinedAt: moment,
  })
  .openapi("ConversationMember");
export type Member = z.infer<typeof Member>;
export const MemberPage = pageOf(Member).openapi("ConversationMemberPage");
export type MemberPage = z.infer<typeof MemberPage>;

const conversationFields = {
  id: z.uuid(),
  kind: z.enum(KINDS),
  title: z.string().nullable(),
  // Not a schema by a name: the document would say of null that it must be an object.
  object: z
    .object({ type: z.string(), id: z.uuid() })
    .nullable()
    .openapi({ description: "What it is about, e.g. a booking" }),
  peerId: z.uuid().nullable().openapi({ description: "The other of a direct conversation" }),
  history: z.enum(HISTORIES).openapi({ description: "What newcomers may read" }),
  suspended: z.boolean(),
  memberCount: z.int(),
  lastSeq: z.int().min(0),
  lastActivityAt: moment,
  unread: z.int().min(0).openapi({ description: "What others wrote after your read cursor" }),
  me: z.object({
    role: z.enum(MEMBER_ROLES),
    status: z.enum(MEMBER_STATUSES),
    readSeq: z.int().min(0),
    deliveredSeq: z.int().min(0),
    mutedUntil: moment.nullable(),
  }),
  createdAt: moment,
};
export const Conversation = z
  .object({
    ...conversationFields,
    lastMessage: z.object(Message.shape).nullable(),
  })
  .openapi("Conversation");
export type Conversation = z.infer<typeof Conversation>;

/** A line of the list: its last message comes from the archive, without reactions. */
export const ListedConversation = z
  .object({ ...conversationFields, lastMessage: z.object(ArchivedMessage.shape).nullable() })
  .openapi("ListedConversation");
export type ListedConversation = z.infer<typeof ListedConversation>;
export const ConversationPage = pageOf(ListedConversation).openapi("ConversationPage");
export type ConversationPage = z.infer<typeof ConversationPage>;

const title = line.min(1).max(200);
export const NewConversation = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("direct"), userId: anyId }),
    z.strictObject({
      kind: z.literal("group"),
      title,
      userIds: z.array(anyId).max(MAX_INVITED).default([]),
      history: z.enum(HISTORIES).default("since_joining"),
      clientConversationId: anyId.optional().openapi({
        description: "Chosen by the client: a repeat with it is answered with the group that is there",
      }),
    }),
  ])
  .openapi("NewConversation");
export type NewConversation = z.infer<typeof NewConversation>;

export const ConversationId = z.object({ id: anyId });
export const ConversationQuery = PageQuery.extend({
  status: z
    .enum(["active", "requested"])
    .default("active")
    .openapi({ description: "`requested`: those in which you are asked to take part" }),
});
export type ConversationQuery = z.infer<typeof ConversationQuery>;

export const HistoryQuery = PageQuery.extend({
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .openapi({ description: "Older than this place, newest first" }),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .openapi({ description: "Newer than this place, oldest first" }),
}).refine(({ before, after }) => before === undefined || after === undefined, "Give `before` or `after`");
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const Cursor = z.strictObject({ seq: z.int().min(0) }).openapi("CursorMove");
export const Receipt = z
  .object({ readSeq: z.int().min(0), deliveredSeq: z.int().min(0), unread: z.int().min(0) })
  .openapi("Receipt");
export type Receipt = z.infer<typeof Receipt>;
