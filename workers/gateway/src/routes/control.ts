import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import { Control, ControlChange } from "../control/settings.ts";
import type { Env } from "../env.ts";
import { changeSettings } from "../services/change-settings.ts";
import { readDocument } from "../services/read-document.ts";

const PATH = "/api/v1/admin/control";
const answer = { content: { "application/json": { schema: Control } } };

const read = defineRoute({
  method: "get",
  path: PATH,
  access: "admin",
  operationId: "readControl",
  summary: "Read what operators have set",
  description:
    "Maintenance, closed routes, feature flags and quotas, with the version that a change is made from.",
  tags: ["operations"],
  responses: { 200: { description: "As of now", ...answer } },
});

const change = defineRoute({
  method: "patch",
  path: PATH,
  access: "admin",
  operationId: "changeControl",
  summary: "Change what operators have set",
  description:
    "Each setting that is named is replaced as a whole; the others stay. The change counts at every gateway within 10 s. A lower quota first lets through what was already leased, at most a twentieth of the one before.",
  tags: ["operations"],
  request: { body: { required: true, content: { "application/json": { schema: ControlChange } } } },
  responses: {
    200: { description: "What is set now", ...answer },
    409: problem("Somebody else has made a change since: read the document and repeat"),
    503: problem(
      "It is not known whether the change counts: read the document. A repeat does no harm: it is 409 when it does",
    ),
  },
});

export function registerControl(app: App<Env>): void {
  app.openapi(read, async (c) => c.json(await readDocument(c.get("context")), 200));
  app.openapi(change, async (c) => c.json(await changeSettings(c.get("context"), c.req.valid("json")), 200));
}
