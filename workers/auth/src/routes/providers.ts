import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Authorization, AuthorizationRequest, ProviderPath, Providers, SignIn } from "../provider-schemas.ts";
import { LoggedIn } from "../second-factor-schemas.ts";
import { findProvider } from "../services/find-provider.ts";
import { listProviders } from "../services/list-providers.ts";
import { signIn } from "../services/sign-in.ts";
import { startAuthorization } from "../services/start-authorization.ts";
import { deviceOf, NO_STORE } from "./sessions.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/providers",
  access: "public",
  operationId: "listProviders",
  summary: "The providers that people can sign in with",
  description: "OpenID providers that the operator has configured, such as Google and LinkedIn; often none.",
  tags: ["auth"],
  responses: {
    200: { description: "The providers", content: { "application/json": { schema: Providers } } },
  },
});

const start = defineRoute({
  method: "post",
  path: "/api/v1/auth/providers/{provider}/authorizations",
  access: "public",
  operationId: "startSignIn",
  summary: "Begin to sign in with a provider",
  description:
    "Open `url` in the person's browser and keep `flow`. The provider sends the browser back to `redirectUri` with `code` and `state`, good for 10 minutes; `POST .../sessions` takes them together with `flow`. Authorization code with PKCE, state and nonce.",
  tags: ["auth"],
  request: {
    params: ProviderPath,
    body: { required: true, content: { "application/json": { schema: AuthorizationRequest } } },
  },
  responses: {
    201: { description: "Begun", content: { "application/json": { schema: Authorization } } },
  },
});

const open = defineRoute({
  method: "post",
  path: "/api/v1/auth/providers/{provider}/sessions",
  access: "public",
  operationId: "signIn",
  summary: "Log in with what a provider answered; opens a session",
  description:
    "As a log-in by password: an account with a second factor gets a challenge. Who comes for the first time gets an account without a password, whose address is verified, or the account of that address, which gets a mail about it.",
  tags: ["auth"],
  request: {
    params: ProviderPath,
    body: { required: true, content: { "application/json": { schema: SignIn } } },
  },
  responses: {
    200: {
      description: "Logged in; with a second factor, the challenge that it is for",
      content: { "application/json": { schema: LoggedIn } },
    },
    401: problem("`invalid_authorization`: unknown, used, expired or another's; begin again"),
    403: problem("The provider does not vouch for the address, or the account is banned"),
    409: problem("There is an account of the address: log in to it and link the provider"),
  },
});

export function registerProviders(app: App<Env>): void {
  app.openapi(list, (c) => c.json(listProviders(c.get("context")), 200));
  app.openapi(start, async (c) => {
    const provider = findProvider(c.get("context"), c.req.valid("param").provider);
    const { redirectUri } = c.req.valid("json");
    return c.json(await startAuthorization(c.get("context"), provider, redirectUri, null), 201, NO_STORE);
  });
  app.openapi(open, async (c) => {
    const { provider } = c.req.valid("param");
    const device = deviceOf(c.req.raw.headers);
    return c.json(await signIn(c.get("context"), provider, c.req.valid("json"), device), 200, NO_STORE);
  });
}
