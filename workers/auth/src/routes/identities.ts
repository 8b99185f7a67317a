import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import {
  Authorization,
  Identities,
  Identity,
  IdentityLink,
  IdentityPath,
  LinkRequest,
} from "../provider-schemas.ts";
import { linkIdentity } from "../services/link-identity.ts";
import { listIdentities } from "../services/list-identities.ts";
import { requestLink } from "../services/request-link.ts";
import { unlinkIdentity } from "../services/unlink-identity.ts";
import { NO_STORE } from "./sessions.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/identities",
  access: "user",
  operationId: "listIdentities",
  summary: "The providers' identities that one can log in with",
  description: "At most one of each provider.",
  tags: ["auth"],
  responses: {
    200: { description: "The identities", content: { "application/json": { schema: Identities } } },
  },
});

const start = defineRoute({
  method: "post",
  path: "/api/v1/auth/identity-authorizations",
  access: "user",
  operationId: "startLink",
  summary: "Begin to link an identity of a provider",
  description:
    "As `POST /api/v1/auth/providers/{provider}/authorizations`, for `POST /api/v1/auth/identities`. Needs the password, where the account has one, and assurance level 2 where a second factor is on.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: LinkRequest } } } },
  responses: {
    201: { description: "Begun", content: { "application/json": { schema: Authorization } } },
    404: problem("No such provider"),
  },
});

const link = defineRoute({
  method: "post",
  path: "/api/v1/auth/identities",
  access: "user",
  operationId: "linkIdentity",
  summary: "Link an identity by what its provider answered",
  description:
    "The provider must have verified its address, which may be another than the account's. The account's owner gets a mail.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: IdentityLink } } } },
  responses: {
    201: { description: "Linked", content: { "application/json": { schema: Identity } } },
    401: problem("The access token is not valid; `invalid_authorization`: begin again"),
    404: problem("No such provider"),
    409: problem("It is linked to an account already, or you have another of this provider"),
  },
});

const unlink = defineRoute({
  method: "delete",
  path: "/api/v1/auth/identities/{id}",
  access: "user",
  operationId: "unlinkIdentity",
  summary: "Take an identity away",
  description:
    "One can no longer log in with it, and the other sessions end. The last way in stays: a password counts, and `POST /api/v1/auth/forgot-password` sets one. Needs assurance level 2 where a second factor is on, else a session that was opened within the last day.",
  tags: ["auth"],
  request: { params: IdentityPath },
  responses: {
    204: { description: "It is gone" },
    403: problem("`second_factor_required`; `fresh_login_required`: log in again"),
    409: problem("It is the only way to log in"),
  },
});

export function registerIdentities(app: App<Env>): void {
  app.openapi(list, async (c) => c.json(await listIdentities(c.get("context")), 200));
  app.openapi(start, async (c) =>
    c.json(await requestLink(c.get("context"), c.req.valid("json")), 201, NO_STORE),
  );
  app.openapi(link, async (c) => c.json(await linkIdentity(c.get("context"), c.req.valid("json")), 201));
  app.openapi(unlink, async (c) => {
    await unlinkIdentity(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
}
