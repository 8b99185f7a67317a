import { z } from "@hono/zod-openapi";
import { MEMBER_ROLES, MEMBER_STATUSES } from "@souk/db/schema/chat";
import { Instant } from "@souk/kit/instant";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { MAX_INVITED } from "../limits.ts";
import { anyId, anyText, moment, seq } from "./fields.ts";

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

export const Invitation = z
  .strictObject({ userIds: z.array(anyId).min(1).max(MAX_INVITED) })
  .openapi("ConversationInvitation");

export const Invited = z.object({ items: z.array(Member) }).openapi("InvitedMembers");

export const RoleChange = z.strictObject({ role: z.enum(MEMBER_ROLES) }).openapi("MemberRoleChange");

export const MemberParams = z.object({ id: anyId, userId: anyId });

export const MembersQuery = PageQuery;
export type MembersQuery = z.infer<typeof MembersQuery>;

export const DraftChange = z
  .strictObject({
    text: anyText.openapi({ description: "Empty: there is none any more" }),
    replyTo: seq.nullable().default(null),
  })
  .openapi("DraftChange");
export type DraftChange = z.infer<typeof DraftChange>;
export const Draft = z.object({ text: z.string(), replyTo: seq.nullable(), updatedAt: moment });
export type Draft = z.infer<typeof Draft>;

export const Mute = z
  .strictObject({
    until: Instant.nullable().openapi({
      type: ["string", "null"],
      format: "date-time",
      description: "Null: not silent any more; for good: the year 9999",
    }),
  })
  .openapi("ConversationMute");
