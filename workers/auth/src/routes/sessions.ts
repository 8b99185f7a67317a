import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { clientAddress } from "../client-address.ts";
import { Credentials, RefreshRequest, Tokens, Verified, type Device } from "../session-schemas.ts";
import { LoggedIn } from "../second-factor-schemas.ts";
import { checkSession } from "../services/check-session.ts";
import { endSession } from "../services/end-session.ts";
import { logIn } from "../services/log-in.ts";
import { refreshSession } from "../services/refresh-session.ts";

const login = defineRoute({
  method: "post",
  path: "/api/v1/auth/login",
  access: "public",
  operationId: "login",
  summary: "Log in by address and password; opens a session",
  description:
    "Gives an access token for one hour and a refresh token for the session. An unknown address and a wrong password get the same answer. An account with a second factor gets a challenge instead, for `POST /api/v1/auth/login/second-factor`, unless the token of a trusted device comes along.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: Credentials } } } },
  responses: {
    200: {
      description: "Logged in; with a second factor, the challenge that it is for",
      content: { "application/json": { schema: LoggedIn } },
    },
    401: problem("Unknown address or wrong password"),
    403: problem("The password is right, but the address is not verified yet or the account is banned"),
  },
});

const refresh = defineRoute({
  method: "post",
  path: "/api/v1/auth/refresh",
  access: "public",
  operationId: "refresh",
  summary: "Exchange a refresh token for new tokens",
  description:
    "Each refresh token is meant for one use. The one before the current, or any used within 10 s of the last refresh, gives the current one; an older one ends the session.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: RefreshRequest } } } },
  responses: {
    200: { description: "New tokens", content: { "application/json": { schema: Tokens } } },
    401: problem("Not issued here, expired, ended, or used before (which ends the session)"),
  },
});

const logout = defineRoute({
  method: "post",
  path: "/api/v1/auth/logout",
  access: "user",
  operationId: "logout",
  summary: "End this session; other devices stay logged in",
  description:
    "The refresh token stops working at once, the access token within 10 s, and the session's WebSockets are closed.",
  tags: ["auth"],
  responses: { 204: { description: "Ended" } },
});

const verify = defineRoute({
  method: "get",
  path: "/api/v1/auth/verify",
  access: "user",
  operationId: "verifySession",
  summary: "Check that the access token's session is alive",
  description: "Asks the owner of sessions, unlike other routes, which learn of a session's end within 10 s.",
  tags: ["auth"],
  responses: { 200: { description: "It is", content: { "application/json": { schema: Verified } } } },
});

/** RFC 6749, 5.1: tokens are not for caches. */
export const NO_STORE = { "cache-control": "no-store" };

/** The address comes from the platform's header alone; what a client says of itself is cut to a sane length. */
export const deviceOf = (headers: Headers): Device => ({
  userAgent: headers.get("user-agent")?.slice(0, 400) ?? null,
  ip: clientAddress(headers),
});

export function registerSessions(app: App<Env>): void {
  app.openapi(login, async (c) =>
    c.json(await logIn(c.get("context"), c.req.valid("json"), deviceOf(c.req.raw.headers)), 200, NO_STORE),
  );
  app.openapi(refresh, async (c) =>
    c.json(await refreshSession(c.get("context"), c.req.valid("json")), 200, NO_STORE),
  );
  app.openapi(logout, async (c) => {
    await endSession(c.get("context"));
    return c.body(null, 204);
  });
  app.openapi(verify, async (c) => c.json(await checkSession(c.get("context")), 200));
}
