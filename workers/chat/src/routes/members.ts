import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Conversation, ConversationId, SettingsChange } from "../schemas/conversation.ts";
import {
  DraftChange,
  Invitation,
  Invited,
  Member,
  MemberPage,
  MemberParams,
  MembersQuery,
  Mute,
  RoleChange,
} from "../schemas/member.ts";
import { answerRequest } from "../services/answer-request.ts";
import { changeRole } from "../services/change-role.ts";
import { inviteMembers } from "../services/invite-members.ts";
import { listMembers } from "../services/list-members.ts";
import { muteConversation } from "../services/mute-conversation.ts";
import { removeMember } from "../services/remove-member.ts";
import { saveDraft } from "../services/save-draft.ts";
import { tellTyping } from "../services/tell-typing.ts";
import { updateConversation } from "../services/update-conversation.ts";

const PATH = "/api/v1/conversations/{id}";
const tags = ["conversations"];

const update = defineRoute({
  method: "put",
  path: PATH,
  access: "friend",
  operationId: "updateConversation",
  summary: "Change the settings of a conversation",
  description:
    "Of a group, as its owner or an admin; `keepDays` also of a direct one, by either. A field left out keeps its value.",
  tags,
  request: {
    params: ConversationId,
    body: { required: true, content: { "application/json": { schema: SettingsChange } } },
  },
  responses: {
    200: { description: "The conversation", content: { "application/json": { schema: Conversation } } },
  },
});

const list = defineRoute({
  method: "get",
  path: `${PATH}/members`,
  access: "friend",
  operationId: "listMembers",
  summary: "List who takes part",
  description:
    "With roles, and how far each has read; also who is asked and has not answered. 404 to who takes no part any more.",
  tags,
  request: { params: ConversationId, query: MembersQuery },
  responses: { 200: { description: "One page", content: { "application/json": { schema: MemberPage } } } },
});

const invite = defineRoute({
  method: "post",
  path: `${PATH}/members`,
  access: "friend",
  operationId: "inviteMembers",
  summary: "Bring people into a group",
  description:
    "As its owner or an admin. Who does not let everyone write to them is asked first. A repeat changes nothing.",
  tags,
  request: {
    params: ConversationId,
    body: { required: true, content: { "application/json": { schema: Invitation } } },
  },
  responses: {
    200: { description: "The people", content: { "application/json": { schema: Invited } } },
    409: problem("The group would have too many members"),
  },
});

const role = defineRoute({
  method: "put",
  path: `${PATH}/members/{userId}`,
  access: "friend",
  operationId: "changeMemberRole",
  summary: "Give a member another role",
  description: "As the owner. Who makes another the owner becomes an admin.",
  tags,
  request: {
    params: MemberParams,
    body: { required: true, content: { "application/json": { schema: RoleChange } } },
  },
  responses: { 200: { description: "The member", content: { "application/json": { schema: Member } } } },
});

const remove = defineRoute({
  method: "delete",
  path: `${PATH}/members/{userId}`,
  access: "friend",
  operationId: "removeMember",
  summary: "Leave a group, or remove somebody",
  description: "With my own id I leave, and keep what I have seen. A repeat changes nothing.",
  tags,
  request: { params: MemberParams },
  responses: { 204: { description: "They take no part any more" } },
});

/** An answer to being asked to take part. */
const answer = <A extends "accept" | "decline">(which: A) =>
  defineRoute({
    method: "post",
    path: `${PATH}/${which}`,
    access: "friend",
    operationId: `${which}Conversation`,
    summary: which === "accept" ? "Say yes to a conversation" : "Say no to a conversation",
    description: "In which somebody asks me to take part; 404 when nobody does.",
    tags,
    request: { params: ConversationId },
    responses: { 204: { description: "They are told by what I may see from now on" } },
  });
const accept = answer("accept");
const decline = answer("decline");

const mute = defineRoute({
  method: "put",
  path: `${PATH}/mute`,
  access: "friend",
  operationId: "muteConversation",
  summary: "Silence a conversation for me",
  description: "Until a time, or by null not any more. I am told nothing besides; the others are not told.",
  tags,
  request: {
    params: ConversationId,
    body: { required: true, content: { "application/json": { schema: Mute } } },
  },
  responses: {
    200: { description: "My state", content: { "application/json": { schema: Conversation.shape.me } } },
  },
});

const draft = defineRoute({
  method: "put",
  path: `${PATH}/draft`,
  access: "friend",
  operationId: "saveDraft",
  summary: "Keep what I have begun to write",
  description:
    "For all my devices, which are told of it, and for nobody else. An empty text takes it away. The latest counts.",
  tags,
  request: {
    params: ConversationId,
    body: { required: true, content: { "application/json": { schema: DraftChange } } },
  },
  responses: {
    200: { description: "My state", content: { "application/json": { schema: Conversation.shape.me } } },
  },
});

const typing = defineRoute({
  method: "post",
  path: `${PATH}/typing`,
  access: "friend",
  operationId: "tellTyping",
  summary: "Say that I am typing",
  description:
    "Told to the devices of the others at most every three seconds, and kept nowhere. 403 where I may not write.",
  tags,
  request: { params: ConversationId },
  responses: { 204: { description: "It is told, or was just now" } },
});

/** Who takes part, and on what terms. */
export function registerMembers(app: App<Env>): void {
  app.openapi(update, async (c) =>
    c.json(await updateConversation(c.get("context"), c.req.valid("param").id, c.req.valid("json")), 200),
  );
  app.openapi(list, async (c) =>
    c.json(await listMembers(c.get("context"), c.req.valid("param").id, c.req.valid("query")), 200),
  );
  app.openapi(invite, async (c) => {
    const { userIds } = c.req.valid("json");
    return c.json(await inviteMembers(c.get("context"), c.req.valid("param").id, userIds), 200);
  });
  app.openapi(role, async (c) => {
    const { id, userId } = c.req.valid("param");
    return c.json(await changeRole(c.get("context"), id, userId, c.req.valid("json").role), 200);
  });
  app.openapi(remove, async (c) => {
    const { id, userId } = c.req.valid("param");
    await removeMember(c.get("context"), id, userId);
    return c.body(null, 204);
  });
  for (const [route, yes] of [
    [accept, true],
    [decline, false],
  ] as const)
    app.openapi(route, async (c) => {
      await answerRequest(c.get("context"), c.req.valid("param").id, yes);
      return c.body(null, 204);
    });
  app.openapi(mute, async (c) =>
    c.json(await muteConversation(c.get("context"), c.req.valid("param").id, c.req.valid("json").until), 200),
  );
  app.openapi(draft, async (c) =>
    c.json(await saveDraft(c.get("context"), c.req.valid("param").id, c.req.valid("json")), 200),
  );
  app.openapi(typing, async (c) => {
    await tellTyping(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
}
