import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { SessionId, SessionPage, SessionQuery, SessionsToEnd } from "../session-schemas.ts";
import { listSessions } from "../services/list-sessions.ts";
import { revokeSession } from "../services/revoke-session.ts";
import { revokeSessions } from "../services/revoke-sessions.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/sessions",
  access: "user",
  operationId: "listSessions",
  summary: "List my sessions, newest first",
  description: "Each is one log-in on one device that is still alive; `current` is the one that asks.",
  tags: ["auth"],
  request: { query: SessionQuery },
  responses: { 200: { description: "One page", content: { "application/json": { schema: SessionPage } } } },
});

const endOne = defineRoute({
  method: "delete",
  path: "/api/v1/auth/sessions/{id}",
  access: "user",
  operationId: "revokeSession",
  summary: "End one of my sessions",
  description:
    "It cannot be refreshed any more; its access token is refused within 10 s and its WebSockets are closed.",
  tags: ["auth"],
  request: { params: SessionId },
  responses: { 204: { description: "Ended, now or before" } },
});

const endAll = defineRoute({
  method: "delete",
  path: "/api/v1/auth/sessions",
  access: "user",
  operationId: "revokeSessions",
  summary: "End all my sessions, or all but this one",
  description: "With `keep=current` the session that asks stays alive.",
  tags: ["auth"],
  request: { query: SessionsToEnd },
  responses: { 204: { description: "Ended" } },
});

/** A person's log-ins on their devices. */
export function registerDevices(app: App<Env>): void {
  app.openapi(list, async (c) => c.json(await listSessions(c.get("context"), c.req.valid("query")), 200));
  app.openapi(endOne, async (c) => {
    await revokeSession(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
  app.openapi(endAll, async (c) => {
    await revokeSessions(c.get("context"), c.req.valid("query"));
    return c.body(null, 204);
  });
}
