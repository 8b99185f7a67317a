import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Metrics, MetricsQuery } from "../people-schemas.ts";
import { Privacy, PrivacyChange, Profile, UsernameChange } from "../schemas.ts";
import { readMetrics } from "../services/read-metrics.ts";
import { readPrivacy } from "../services/read-privacy.ts";
import { updatePrivacy } from "../services/update-privacy.ts";
import { updateUsername } from "../services/update-username.ts";

const ME = "/api/v1/users/me";
const tags = ["users"];
const gone = problem("The account no longer exists");
const privacy = {
  200: { description: "Your settings", content: { "application/json": { schema: Privacy } } },
  404: gone,
};

const rename = defineRoute({
  method: "put",
  path: `${ME}/username`,
  access: "user",
  operationId: "updateUsername",
  summary: "Choose or change my username",
  description:
    "Once in 30 days; the first choice and its first correction do not wait. The old name leads to the new one and stays yours.",
  tags,
  request: { body: { required: true, content: { "application/json": { schema: UsernameChange } } } },
  responses: {
    200: { description: "Your profile", content: { "application/json": { schema: Profile } } },
    404: gone,
    409: problem("Another person has this name, or had it"),
  },
});

const readPrivacyRoute = defineRoute({
  method: "get",
  path: `${ME}/privacy`,
  access: "user",
  scope: "profile:read",
  operationId: "readPrivacy",
  summary: "Read who may see, find and write to me",
  description: "The defaults, as long as you have chosen nothing.",
  tags,
  responses: privacy,
});

const updatePrivacyRoute = defineRoute({
  method: "put",
  path: `${ME}/privacy`,
  access: "user",
  operationId: "updatePrivacy",
  summary: "Change who may see, find and write to me",
  description: "A field left out keeps its value. It holds at once, on every way to the profile.",
  tags,
  request: { body: { required: true, content: { "application/json": { schema: PrivacyChange } } } },
  responses: privacy,
});

const metrics = defineRoute({
  method: "get",
  path: `${ME}/metrics`,
  access: "user",
  scope: "profile:read",
  operationId: "readMetrics",
  summary: "Read what I did and what others did towards me",
  description: "Counted from the event log, by days in UTC; what just happened is there within moments.",
  tags,
  request: { query: MetricsQuery },
  responses: { 200: { description: "The counts", content: { "application/json": { schema: Metrics } } } },
});

/** The caller's name, privacy and numbers. */
export function registerSettings(app: App<Env>): void {
  app.openapi(rename, async (c) =>
    c.json(await updateUsername(c.get("context"), c.req.valid("json").username), 200),
  );
  app.openapi(readPrivacyRoute, async (c) => c.json(await readPrivacy(c.get("context")), 200));
  app.openapi(updatePrivacyRoute, async (c) =>
    c.json(await updatePrivacy(c.get("context"), c.req.valid("json")), 200),
  );
  app.openapi(metrics, async (c) => c.json(await readMetrics(c.get("context"), c.req.valid("query")), 200));
}
