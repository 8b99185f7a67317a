import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import {
  FoundPage,
  FriendRequestQuery,
  MovedTo,
  PeopleQuery,
  PersonPage,
  PublicProfile,
  SearchQuery,
  UserId,
  UsernameParam,
} from "../people-schemas.ts";
import { findByUsername } from "../services/find-by-username.ts";
import { listBlocked } from "../services/list-blocked.ts";
import { listFollowers } from "../services/list-followers.ts";
import { listFollowing } from "../services/list-following.ts";
import { listFriendRequests } from "../services/list-friend-requests.ts";
import { listFriends } from "../services/list-friends.ts";
import { listMuted } from "../services/list-muted.ts";
import { readPublicProfile } from "../services/read-public-profile.ts";
import { searchPeople } from "../services/search-people.ts";

const USERS = "/api/v1/users";
const tags = ["people"];
const profile = { description: "The profile", content: { "application/json": { schema: PublicProfile } } };
const people = { description: "One page", content: { "application/json": { schema: PersonPage } } };

const search = defineRoute({
  method: "get",
  path: `${USERS}/search`,
  access: "user",
  scope: "people:read",
  operationId: "searchPeople",
  summary: "Search people",
  description:
    "The best match first, by names, with spelling mistakes forgiven, and by the words of the profile; only those who want to be found and whom you may see.",
  tags,
  request: { query: SearchQuery },
  responses: { 200: { description: "One page", content: { "application/json": { schema: FoundPage } } } },
});

const read = defineRoute({
  method: "get",
  path: `${USERS}/{id}`,
  access: "public",
  scope: "people:read",
  operationId: "readPublicProfile",
  summary: "Read someone's profile",
  description:
    "With its counts and, for who is logged in, what is between the two. 404 also when it is hidden from you.",
  tags,
  request: { params: UserId },
  responses: { 200: profile },
});

const byName = defineRoute({
  method: "get",
  path: "/api/v1/usernames/{username}",
  access: "public",
  scope: "people:read",
  operationId: "findByUsername",
  summary: "Read the profile with a username",
  description: "In any case. A name that its owner has changed leads to the new one.",
  tags,
  request: { params: UsernameParam },
  responses: {
    200: profile,
    308: { description: "The name now", content: { "application/json": { schema: MovedTo } } },
  },
});

const around = (noun: "followers" | "following" | "friends", operationId: string, summary: string) =>
  defineRoute({
    method: "get",
    path: `${USERS}/{id}/${noun}`,
    access: "user",
    scope: "people:read",
    operationId,
    summary,
    description:
      "The newest first, as far as you may see them. 404 also when the profile is hidden from you.",
    tags,
    request: { params: UserId, query: PeopleQuery },
    responses: { 200: people },
  });
const followers = around("followers", "listFollowers", "List who follows someone");
const following = around("following", "listFollowing", "List whom someone follows");
const friends = around("friends", "listFriends", "List someone's friends");

const requests = defineRoute({
  method: "get",
  path: `${USERS}/me/friend-requests`,
  access: "user",
  scope: "people:read",
  operationId: "listFriendRequests",
  summary: "List my open friend requests",
  description: "Those made to you, or with `direction=sent` those that you made, the newest first.",
  tags,
  request: { query: FriendRequestQuery },
  responses: { 200: people },
});

const blocked = defineRoute({
  method: "get",
  path: `${USERS}/me/blocks`,
  access: "user",
  scope: "people:read",
  operationId: "listBlocked",
  summary: "List whom I block",
  description: "The newest first.",
  tags,
  request: { query: PeopleQuery },
  responses: { 200: people },
});

const muted = defineRoute({
  method: "get",
  path: `${USERS}/me/mutes`,
  access: "user",
  scope: "people:read",
  operationId: "listMuted",
  summary: "List whom I mute",
  description: "The newest first.",
  tags,
  request: { query: PeopleQuery },
  responses: { 200: people },
});

/** Other people, as the caller may see them. */
export function registerPeople(app: App<Env>): void {
  app.openapi(search, async (c) => c.json(await searchPeople(c.get("context"), c.req.valid("query")), 200));
  app.openapi(byName, async (c) => {
    const found = await findByUsername(c.get("context"), c.req.valid("param").username);
    if (found.movedTo === null) return c.json(found.profile, 200);
    c.header("location", `/api/v1/usernames/${found.movedTo}`);
    return c.json({ movedTo: found.movedTo }, 308);
  });
  app.openapi(requests, async (c) =>
    c.json(await listFriendRequests(c.get("context"), c.req.valid("query")), 200),
  );
  app.openapi(blocked, async (c) => c.json(await listBlocked(c.get("context"), c.req.valid("query")), 200));
  app.openapi(muted, async (c) => c.json(await listMuted(c.get("context"), c.req.valid("query")), 200));
  app.openapi(followers, async (c) =>
    c.json(await listFollowers(c.get("context"), c.req.valid("param").id, c.req.valid("query")), 200),
  );
  app.openapi(following, async (c) =>
    c.json(await listFollowing(c.get("context"), c.req.valid("param").id, c.req.valid("query")), 200),
  );
  app.openapi(friends, async (c) =>
    c.json(await listFriends(c.get("context"), c.req.valid("param").id, c.req.valid("query")), 200),
  );
  app.openapi(read, async (c) =>
    c.json(await readPublicProfile(c.get("context"), c.req.valid("param").id), 200),
  );
}
