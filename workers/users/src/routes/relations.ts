import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Relation, Relations, RelationsQuery, UserId } from "../people-schemas.ts";
import { acceptFriendship } from "../services/accept-friendship.ts";
import { blockUser } from "../services/block-user.ts";
import { cancelFriendRequest } from "../services/cancel-friend-request.ts";
import { declineFriendship } from "../services/decline-friendship.ts";
import { followUser } from "../services/follow-user.ts";
import { muteUser } from "../services/mute-user.ts";
import { readRelations } from "../services/read-relations.ts";
import { removeFriend } from "../services/remove-friend.ts";
import { requestFriendship } from "../services/request-friendship.ts";
import { unblockUser } from "../services/unblock-user.ts";
import { unfollowUser } from "../services/unfollow-user.ts";
import { unmuteUser } from "../services/unmute-user.ts";

const ME = "/api/v1/users/me";
const tags = ["people"];

const read = defineRoute({
  method: "get",
  path: "/api/v1/users/relations",
  access: "user",
  scope: "people:read",
  operationId: "readRelations",
  summary: "Read what is between me and others",
  description:
    "For up to 100 people at once, in the order asked for. Someone who blocks you looks like a stranger.",
  tags,
  request: { query: RelationsQuery },
  responses: {
    200: { description: "One for each id", content: { "application/json": { schema: Relations } } },
  },
});

type Change = (context: Parameters<typeof followUser>[0], otherId: string) => Promise<Relation>;

/** What each change of a relation is called and does. */
const CHANGES: {
  method: "post" | "delete";
  path: string;
  operationId: string;
  summary: string;
  description: string;
  change: Change;
}[] = [
  {
    method: "post",
    path: `${ME}/following/{id}`,
    operationId: "followUser",
    summary: "Follow someone",
    description: "Someone whose profile you may see. A repeat changes nothing.",
    change: followUser,
  },
  {
    method: "delete",
    path: `${ME}/following/{id}`,
    operationId: "unfollowUser",
    summary: "Stop following someone",
    description: "A repeat changes nothing.",
    change: unfollowUser,
  },
  {
    method: "post",
    path: `${ME}/friend-requests/{id}`,
    operationId: "requestFriendship",
    summary: "Ask someone to be friends",
    description: "Accepts at once when they have asked you already. A repeat changes nothing.",
    change: requestFriendship,
  },
  {
    method: "delete",
    path: `${ME}/friend-requests/{id}`,
    operationId: "cancelFriendRequest",
    summary: "Take a friend request back",
    description: "The one that you made to this person; 404 when there is none.",
    change: cancelFriendRequest,
  },
  {
    method: "post",
    path: `${ME}/friend-requests/{id}/accept`,
    operationId: "acceptFriendship",
    summary: "Accept a friend request",
    description: "The one that this person made to you; 404 when there is none. A repeat changes nothing.",
    change: acceptFriendship,
  },
  {
    method: "post",
    path: `${ME}/friend-requests/{id}/decline`,
    operationId: "declineFriendship",
    summary: "Decline a friend request",
    description: "The one that this person made to you, who is not told; 404 when there is none.",
    change: declineFriendship,
  },
  {
    method: "delete",
    path: `${ME}/friends/{id}`,
    operationId: "removeFriend",
    summary: "End a friendship",
    description: "The other is not told. A repeat changes nothing.",
    change: removeFriend,
  },
  {
    method: "post",
    path: `${ME}/blocks/{id}`,
    operationId: "blockUser",
    summary: "Block someone",
    description:
      "Neither of you sees the other any more; follows, friendship and requests between you end. A repeat changes nothing.",
    change: blockUser,
  },
  {
    method: "delete",
    path: `${ME}/blocks/{id}`,
    operationId: "unblockUser",
    summary: "Take a block back",
    description: "What the block ended stays ended. A repeat changes nothing.",
    change: unblockUser,
  },
  {
    method: "post",
    path: `${ME}/mutes/{id}`,
    operationId: "muteUser",
    summary: "Mute someone",
    description: "You are told nothing of what they do, and they are not told. A repeat changes nothing.",
    change: muteUser,
  },
  {
    method: "delete",
    path: `${ME}/mutes/{id}`,
    operationId: "unmuteUser",
    summary: "Take a mute back",
    description: "A repeat changes nothing.",
    change: unmuteUser,
  },
];

/** What is between the caller and others. */
export function registerRelations(app: App<Env>): void {
  app.openapi(read, async (c) =>
    c.json(await readRelations(c.get("context"), c.req.valid("query").ids), 200),
  );
  for (const { change, ...about } of CHANGES) {
    const route = defineRoute({
      ...about,
      access: "user",
      scope: "people:write",
      tags,
      request: { params: UserId },
      responses: {
        200: {
          description: "What is between you now",
          content: { "application/json": { schema: Relation } },
        },
      },
    });
    app.openapi(route, async (c) => c.json(await change(c.get("context"), c.req.valid("param").id), 200));
  }
}
