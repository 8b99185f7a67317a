import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import {
  EmailPreview,
  EmailTemplate,
  EmailTemplateChange,
  EmailTemplateDraft,
  EmailTemplatePage,
  TemplatePath,
} from "../schemas.ts";
import { listTemplates } from "../services/list-templates.ts";
import { previewTemplate } from "../services/preview-template.ts";
import { readTemplate } from "../services/read-template.ts";
import { updateTemplate } from "../services/update-template.ts";

const one = {
  description: "The template, in its newest version",
  content: { "application/json": { schema: EmailTemplate } },
};

const list = defineRoute({
  method: "get",
  path: "/api/v1/emails/templates",
  access: "admin",
  operationId: "listEmailTemplates",
  summary: "List the templates in their newest versions",
  description: "All of them in one page, with the variables that each may and must show.",
  tags: ["emails"],
  responses: {
    200: { description: "All templates", content: { "application/json": { schema: EmailTemplatePage } } },
  },
});

const read = defineRoute({
  method: "get",
  path: "/api/v1/emails/templates/{name}",
  access: "admin",
  operationId: "readEmailTemplate",
  summary: "Read a template",
  description: "Its newest version, whether made here or the one in the code.",
  tags: ["emails"],
  request: { params: TemplatePath },
  responses: { 200: one },
});

const update = defineRoute({
  method: "put",
  path: "/api/v1/emails/templates/{name}",
  access: "admin",
  operationId: "updateEmailTemplate",
  summary: "Make a new version of a template",
  description:
    "Mails use it within a minute. Variables outside the list, partials and unescaped variables are refused.",
  tags: ["emails"],
  request: {
    params: TemplatePath,
    body: { required: true, content: { "application/json": { schema: EmailTemplateChange } } },
  },
  responses: {
    200: one,
    409: problem("Someone else made a version at the same moment"),
  },
});

const preview = defineRoute({
  method: "post",
  path: "/api/v1/emails/templates/{name}/preview",
  access: "admin",
  operationId: "previewEmailTemplate",
  summary: "Render a template, or a draft of it, with sample data",
  description: "Nothing is stored and nothing is sent. A draft is held to the same rules as a new version.",
  tags: ["emails"],
  request: {
    params: TemplatePath,
    body: { required: true, content: { "application/json": { schema: EmailTemplateDraft } } },
  },
  responses: { 200: { description: "The mail", content: { "application/json": { schema: EmailPreview } } } },
});

/** Management of templates (S2-EMAIL-02). */
export function registerTemplates(app: App<Env>): void {
  app.openapi(list, async (c) => c.json(await listTemplates(c.get("context")), 200));
  app.openapi(read, async (c) =>
    c.json(await readTemplate(c.get("context"), c.req.valid("param").name), 200),
  );
  app.openapi(update, async (c) =>
    c.json(await updateTemplate(c.get("context"), c.req.valid("param").name, c.req.valid("json")), 200),
  );
  app.openapi(preview, async (c) =>
    c.json(await previewTemplate(c.get("context"), c.req.valid("param").name, c.req.valid("json")), 200),
  );
}
