import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { EmailPage, EmailPath, EmailQuery, EmailWithAttempts } from "../schemas.ts";
import { listEmails } from "../services/list-emails.ts";
import { readEmail } from "../services/read-email.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/emails",
  access: "admin",
  operationId: "listEmails",
  summary: "List mails, newest first",
  description:
    "Every mail that an event asked for, whether it was sent or not; by status and by person where asked.",
  tags: ["emails"],
  request: { query: EmailQuery },
  responses: {
    200: { description: "A page of mails", content: { "application/json": { schema: EmailPage } } },
  },
});

const read = defineRoute({
  method: "get",
  path: "/api/v1/emails/{id}",
  access: "admin",
  operationId: "readEmail",
  summary: "Read what became of a mail, with each attempt",
  description: "Shows what the mail server answered to each attempt. The text of a mail is not kept.",
  tags: ["emails"],
  request: { params: EmailPath },
  responses: {
    200: { description: "The mail", content: { "application/json": { schema: EmailWithAttempts } } },
  },
});

/** Tracking of mails (S2-EMAIL-04). */
export function registerEmails(app: App<Env>): void {
  app.openapi(list, async (c) => c.json(await listEmails(c.get("context"), c.req.valid("query")), 200));
  app.openapi(read, async (c) => c.json(await readEmail(c.get("context"), c.req.valid("param").id), 200));
}
