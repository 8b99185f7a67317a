import type { App } from "@souk/kit/app";
import { PageQuery } from "@souk/kit/pagination";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { ImpersonationPage, ImpersonationRequest, ImpersonationStarted } from "../impersonation-schemas.ts";
import { UserId } from "../schemas.ts";
import { SessionId } from "../session-schemas.ts";
import { endImpersonation } from "../services/end-impersonation.ts";
import { impersonate } from "../services/impersonate.ts";
import { listImpersonations } from "../services/list-impersonations.ts";
import { NO_STORE } from "./sessions.ts";

const start = defineRoute({
  method: "post",
  path: "/api/v1/auth/users/{id}/impersonations",
  access: "admin",
  operationId: "impersonate",
  summary: "Act as somebody for an hour at most",
  description:
    "Gives an access token of that person and no refresh token; its claim `act` names the admin. It ends with the admin's own session. Nothing of the person's account can be changed with it. They see it among their sessions and in their security log, and may end it. Where the admin has a second factor, it must have been proved lately.",
  tags: ["auth"],
  request: {
    params: UserId,
    body: { required: true, content: { "application/json": { schema: ImpersonationRequest } } },
  },
  responses: {
    201: { description: "The token", content: { "application/json": { schema: ImpersonationStarted } } },
    409: problem("An admin, a moderator, or an account that is banned or not active"),
  },
});

const end = defineRoute({
  method: "delete",
  path: "/api/v1/auth/impersonations/{id}",
  access: "admin",
  operationId: "endImpersonation",
  summary: "End what an admin does as somebody",
  description: "One's own or another admin's. One that has ended stays as it is.",
  tags: ["auth"],
  request: { params: SessionId },
  responses: { 204: { description: "Ended" } },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/impersonations",
  access: "admin",
  operationId: "listImpersonations",
  summary: "Who acted as whom and why, newest first",
  description: "For 90 days; the event log keeps longer that it was.",
  tags: ["auth"],
  request: { query: PageQuery },
  responses: {
    200: {
      description: "The impersonations",
      content: { "application/json": { schema: ImpersonationPage } },
    },
  },
});

export function registerImpersonations(app: App<Env>): void {
  app.openapi(start, async (c) =>
    c.json(await impersonate(c.get("context"), c.req.valid("param").id, c.req.valid("json")), 201, NO_STORE),
  );
  app.openapi(end, async (c) => {
    await endImpersonation(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
  app.openapi(list, async (c) =>
    c.json(await listImpersonations(c.get("context"), c.req.valid("query")), 200),
  );
}
