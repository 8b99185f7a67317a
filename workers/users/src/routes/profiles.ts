import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Profile, ProfileChange } from "../schemas.ts";
import { readProfile } from "../services/read-profile.ts";
import { updateProfile } from "../services/update-profile.ts";

const answer = {
  200: { description: "Your profile", content: { "application/json": { schema: Profile } } },
  404: problem("The account no longer exists"),
};

const read = defineRoute({
  method: "get",
  path: "/api/v1/users/me",
  access: "user",
  scope: "profile:read",
  operationId: "readProfile",
  summary: "Read my profile",
  description: "Made from what was given at registration the first time it is asked for.",
  tags: ["users"],
  responses: answer,
});

const update = defineRoute({
  method: "put",
  path: "/api/v1/users/me",
  access: "user",
  scope: "profile:write",
  operationId: "updateProfile",
  summary: "Change my profile",
  description: "A field left out keeps its value; null clears it.",
  tags: ["users"],
  request: { body: { required: true, content: { "application/json": { schema: ProfileChange } } } },
  responses: answer,
});

/** The caller's own profile. */
export function registerProfiles(app: App<Env>): void {
  app.openapi(read, async (c) => c.json(await readProfile(c.get("context")), 200));
  app.openapi(update, async (c) => c.json(await updateProfile(c.get("context"), c.req.valid("json")), 200));
}
