import { z } from "@hono/zod-openapi";
import { HISTORIES, KINDS, MEMBER_ROLES, MEMBER_STATUSES } from "@souk/db/schema/chat";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { MAX_INVITED, MAX_KEEP_DAYS } from "../limits.ts";
import { anyId, line, moment } from "./fields.ts";
import { Draft } from "./member.ts";
import { ArchivedMessage, Message } from "./message.ts";

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
  keepDays: z.int().nullable().openapi({
    description:
      "Messages go after so many days by themselves, as if deleted for all. Null: they stay, or you take no part any more",
  }),
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
    draft: Draft.nullable().openapi({ description: "What you have begun to write, on whichever device" }),
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
  .strictObject({
    title,
    history: z.enum(HISTORIES),
    keepDays: z.int().min(1).max(MAX_KEEP_DAYS).nullable().openapi({
      description: "Messages go after so many days by themselves, also those that are there. Null: they stay",
    }),
  })
  .partial()
  .openapi("ConversationSettings");
export type SettingsChange = z.infer<typeof SettingsChange>;

export const RebuildQuery = z.object({
  cursor: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: "Of the answer before; without it, from the start" }),
});

export const Rebuild = z
  .object({
    conversations: z.int().openapi({ description: "So many write their archive anew now" }),
    nextCursor: z.string().nullable(),
  })
  .openapi("ArchiveRebuild");
export type Rebuild = z.infer<typeof Rebuild>;

export const ConversationId = z.object({ id: anyId });

export const ConversationQuery = PageQuery.extend({
  status: z
    .enum(["active", "requested"])
    .default("active")
    .openapi({ description: "`requested`: those in which you are asked to take part" }),
});
export type ConversationQuery = z.infer<typeof ConversationQuery>;
