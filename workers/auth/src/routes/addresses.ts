import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Accepted, LinkToken } from "../schemas.ts";
import { EmailChange, EmailChangeConfirmed } from "../account-life-schemas.ts";
import { confirmEmailChange } from "../services/confirm-email-change.ts";
import { requestEmailChange } from "../services/request-email-change.ts";

const change = defineRoute({
  method: "post",
  path: "/api/v1/auth/change-email",
  access: "user",
  operationId: "changeEmail",
  summary: "Ask for another address; both the old and the new one are mailed a link",
  description:
    "The address changes when both links were followed within 24 hours; the old one is then told. The same answer for an address that " +
    "somebody has. At most once a minute; a new request voids the one before.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: EmailChange } } } },
  responses: {
    202: { description: "Accepted", content: { "application/json": { schema: Accepted } } },
    409: problem("The account was changed elsewhere at the same time"),
  },
});

const confirm = defineRoute({
  method: "post",
  path: "/api/v1/auth/confirm-email-change",
  access: "public",
  operationId: "confirmEmailChange",
  summary: "Confirm a change of address by the token of a mailed link",
  description:
    "The token is of the old or of the new address and expires after 24 hours; repeating it gives the same answer.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: LinkToken } } } },
  responses: {
    200: { description: "Confirmed", content: { "application/json": { schema: EmailChangeConfirmed } } },
  },
});

export function registerAddresses(app: App<Env>): void {
  app.openapi(change, async (c) =>
    c.json(await requestEmailChange(c.get("context"), c.req.valid("json")), 202),
  );
  app.openapi(confirm, async (c) =>
    c.json(await confirmEmailChange(c.get("context"), c.req.valid("json")), 200),
  );
}
