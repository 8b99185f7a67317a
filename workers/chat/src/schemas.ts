import { z } from "@hono/zod-openapi";
import {
  HISTORIES,
  KINDS,
  MEMBER_ROLES,
  MEMBER_STATUSES,
  MESSAGE_KINDS,
  REPORT_OUTCOMES,
  REPORT_REASONS,
} from "@souk/db/schema/chat";
import { Instant } from "@souk/kit/instant";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { MAX_ATTACHMENTS, MAX_INVITED, MAX_MENTIONS, MAX_PRESENCES, MAX_TEXT_BYTES } from "./limits.ts";

const anyId = z.uuid().toLowerCase();
/** A message's place; the archive counts them in 32 bits. */
const MAX_SEQ = 2_147_483_647;
const seq = z.int().min(1).max(MAX_SEQ);
const placeParam = z.coerce.number().int().min(1).max(MAX_SEQ);
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

export const ArchivedMessage = z.object(messageFields).openapi("ArchivedMessage");
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
    attachments: Attachments.min(1).max(MAX_ATTACHMENTS).optional(),
    mentions: z.array(anyId).min(1).max(MAX_MENTIONS).optional(),
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
type NewDirect = { kind: "direct"; peerId: string };
type NewGroup = {
  kind: "group";
  title: string;
  userIds: string[];
  history: (typeof HISTORIES)[number];
  clientConversationId?: string | undefined;
};
export const NewConversation = z
  .strictObject({
    kind: z.enum(["direct", "group"]),
    peerId: anyId.optional().openapi({ description: "The other of a direct conversation" }),
    title: title.optional().openapi({ description: "Of a group, which needs one" }),
    userIds: z
      .array(anyId)
      .min(1)
      .max(MAX_INVITED)
      .optional()
      .openapi({ description: "To bring into a group" }),
    history: z.enum(HISTORIES).optional().openapi({ description: "Of a group: what newcomers may read" }),
    clientConversationId: anyId.optional().openapi({
      description:
        "Of a group, chosen by the client: a repeat with it is answered with the group that is there",
    }),
  })
  .transform(({ kind, peerId, title: name, ...group }, context): NewDirect | NewGroup => {
    const isPlain = name === undefined && Object.values(group).every((value) => value === undefined);
    if (kind === "direct" && peerId !== undefined && isPlain) return { kind, peerId };
    if (kind === "group" && name !== undefined && peerId === undefined) {
      const { userIds = [], history = "since_joining", clientConversationId } = group;
      return { kind, title: name, userIds, history, clientConversationId };
    }
    context.addIssue({ code: "custom", message: "Give `peerId` alone to a direct one, `title` to a group" });
    return z.NEVER;
  })
  .openapi("NewConversation");
export type NewConversation = z.infer<typeof NewConversation>;

/** A field left out keeps its value. */
export const SettingsChange = z
  .strictObject({ title, history: z.enum(HISTORIES) })
  .partial()
  .openapi("ConversationSettings");
export type SettingsChange = z.infer<typeof SettingsChange>;

export const Invitation = z
  .strictObject({ userIds: z.array(anyId).min(1).max(MAX_INVITED) })
  .openapi("ConversationInvitation");
export const Invited = z.object({ items: z.array(Member) }).openapi("InvitedMembers");
export const RoleChange = z.strictObject({ role: z.enum(MEMBER_ROLES) }).openapi("MemberRoleChange");
export const MemberParams = z.object({ id: anyId, userId: anyId });
export const MembersQuery = PageQuery;
export type MembersQuery = z.infer<typeof MembersQuery>;

export const Mute = z
  .strictObject({
    until: Instant.nullable().openapi({
      type: ["string", "null"],
      format: "date-time",
      description: "Null: not silent any more; for good: the year 9999",
    }),
  })
  .openapi("ConversationMute");

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
    status: z.enum(["online", "offline"]),
    lastSeenAt: moment.nullable().openapi({ description: "Null: online, or not known" }),
  })
  .openapi("Presence");
export type Presence = z.infer<typeof Presence>;
export const PresenceList = z.object({ items: z.array(Presence) }).openapi("PresenceList");

export const NewReport = z
  .strictObject({
    reason: z.enum(REPORT_REASONS),
    note: z.string().trim().max(1_000).nullable().default(null),
  })
  .openapi("NewMessageReport");
export type NewReport = z.infer<typeof NewReport>;
const reportFields = {
  id: z.uuid(),
  conversationId: z.uuid(),
  seq,
  reporterId: z.uuid(),
  reportedId: z.uuid().nullable(),
  reason: z.enum(REPORT_REASONS),
  outcome: z.enum(REPORT_OUTCOMES).nullable(),
  createdAt: moment,
  resolvedAt: moment.nullable(),
};
/** Without a word of what was written: that is read by itself, and the reading is recorded. */
export const Report = z.object(reportFields).openapi("MessageReport");
export type Report = z.infer<typeof Report>;
export const ReportPage = pageOf(Report).openapi("MessageReportPage");
export type ReportPage = z.infer<typeof ReportPage>;
export const ReportInFull = z
  .object({ ...reportFields, note: z.string().nullable(), context: z.array(Message) })
  .openapi("MessageReportInFull");
export type ReportInFull = z.infer<typeof ReportInFull>;
export const ReportQuery = PageQuery.extend({ state: z.enum(["open", "all"]).default("open") });
export type ReportQuery = z.infer<typeof ReportQuery>;
export const Resolution = z.strictObject({ outcome: z.enum(REPORT_OUTCOMES) }).openapi("ReportResolution");

export const ConversationId = z.object({ id: anyId });
export const ConversationQuery = PageQuery.extend({
  status: z
    .enum(["active", "requested"])
    .default("active")
    .openapi({ description: "`requested`: those in which you are asked to take part" }),
});
export type ConversationQuery = z.infer<typeof ConversationQuery>;

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
