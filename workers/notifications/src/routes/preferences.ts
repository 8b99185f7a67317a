import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { NotificationPreferences, NotificationPreferencesChange } from "../schemas.ts";
import { readPreferences } from "../services/read-preferences.ts";
import { updatePreferences } from "../services/update-preferences.ts";

const answer = {
  200: { description: "Your channels", content: { "application/json": { schema: NotificationPreferences } } },
};

const read = defineRoute({
  method: "get",
  path: "/api/v1/notifications/preferences",
  access: "user",
  operationId: "readNotificationPreferences",
  summary: "Read on which channels I want notifications",
  description: "The defaults, as long as you have chosen nothing.",
  tags: ["notifications"],
  responses: answer,
});

const update = defineRoute({
  method: "put",
  path: "/api/v1/notifications/preferences",
  access: "user",
  operationId: "updateNotificationPreferences",
  summary: "Choose on which channels I want notifications",
  description:
    "A field left out keeps its value. Security and account messages reach you whatever you choose.",
  tags: ["notifications"],
  request: {
    body: { required: true, content: { "application/json": { schema: NotificationPreferencesChange } } },
  },
  responses: answer,
});

/** The caller's wishes for each channel. */
export function registerPreferences(app: App<Env>): void {
  app.openapi(read, async (c) => c.json(await readPreferences(c.get("context")), 200));
  app.openapi(update, async (c) =>
    c.json(await updatePreferences(c.get("context"), c.req.valid("json")), 200),
  );
}
