import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Preferences, PreferencesChange } from "../schemas.ts";
import { readPreferences } from "../services/read-preferences.ts";
import { updatePreferences } from "../services/update-preferences.ts";

const answer = {
  200: { description: "Your preferences", content: { "application/json": { schema: Preferences } } },
};

const read = defineRoute({
  method: "get",
  path: "/api/v1/users/me/preferences",
  access: "user",
  scope: "profile:read",
  operationId: "readPreferences",
  summary: "Read my preferences",
  description: "The defaults, as long as you have chosen nothing.",
  tags: ["users"],
  responses: answer,
});

const update = defineRoute({
  method: "put",
  path: "/api/v1/users/me/preferences",
  access: "user",
  scope: "profile:write",
  operationId: "updatePreferences",
  summary: "Change my preferences",
  description: "A field left out keeps its value.",
  tags: ["users"],
  request: { body: { required: true, content: { "application/json": { schema: PreferencesChange } } } },
  responses: answer,
});

/** The caller's own preferences. */
export function registerPreferences(app: App<Env>): void {
  app.openapi(read, async (c) => c.json(await readPreferences(c.get("context")), 200));
  app.openapi(update, async (c) =>
    c.json(await updatePreferences(c.get("context"), c.req.valid("json")), 200),
  );
}
