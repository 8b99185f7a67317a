import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { ExportAsked, ExportQuery, PersonExport } from "../account-life-schemas.ts";
import { PasswordProof } from "../schemas.ts";
import { readExport } from "../services/read-export.ts";
import { requestExport } from "../services/request-export.ts";

const ask = defineRoute({
  method: "post",
  path: "/api/v1/auth/export",
  access: "user",
  operationId: "requestExport",
  summary: "Ask for a copy of all data held of you",
  description:
    "Every service gives its part, which takes seconds to minutes. At most once a day. A wrong password is a validation error of `password`.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: PasswordProof } } } },
  responses: {
    202: { description: "Asked for", content: { "application/json": { schema: ExportAsked } } },
    409: problem("The account was changed elsewhere at the same time"),
  },
});

const read = defineRoute({
  method: "get",
  path: "/api/v1/auth/export",
  access: "user",
  operationId: "readExport",
  summary: "Fetch the copy of your data",
  description:
    "Kept for 7 days, for you alone, while your session is alive. A large copy comes in pages: repeat with `nextCursor` until it is null.",
  tags: ["auth"],
  request: { query: ExportQuery },
  responses: {
    200: { description: "The copy", content: { "application/json": { schema: PersonExport } } },
    404: problem("None was asked for, or it has expired"),
  },
});

export function registerExports(app: App<Env>): void {
  app.openapi(ask, async (c) => c.json(await requestExport(c.get("context"), c.req.valid("json")), 202));
  app.openapi(read, async (c) =>
    c.json(await readExport(c.get("context"), c.req.valid("query")), 200, { "cache-control": "no-store" }),
  );
}
