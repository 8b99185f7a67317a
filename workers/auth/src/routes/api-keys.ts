import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import { ApiKeyId, ApiKeyRoll, ApiKeys, ApiKeyWithSecret, NewApiKey } from "../api-key-schemas.ts";
import type { Env } from "../env.ts";
import { createApiKey } from "../services/create-api-key.ts";
import { listApiKeys } from "../services/list-api-keys.ts";
import { revokeApiKey } from "../services/revoke-api-key.ts";
import { rollApiKey } from "../services/roll-api-key.ts";
import { NO_STORE } from "./sessions.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/api-keys",
  access: "user",
  operationId: "listApiKeys",
  summary: "My API keys, newest first",
  description: "Without their secrets, which are shown once. Revoked ones are left out.",
  tags: ["auth"],
  responses: { 200: { description: "The keys", content: { "application/json": { schema: ApiKeys } } } },
});

const create = defineRoute({
  method: "post",
  path: "/api/v1/auth/api-keys",
  access: "user",
  operationId: "createApiKey",
  summary: "A new API key, by which a machine acts for me",
  description:
    "It opens the operations whose `x-scope` it was given, and nothing else; what it does counts to your quota. It counts while your account is active. At most 20. A wrong password is a validation error of `password`.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: NewApiKey } } } },
  responses: {
    201: { description: "The key", content: { "application/json": { schema: ApiKeyWithSecret } } },
    409: problem("`limit_reached`, or the account was changed elsewhere at the same time"),
  },
});

const roll = defineRoute({
  method: "post",
  path: "/api/v1/auth/api-keys/{id}/roll",
  access: "user",
  operationId: "rollApiKey",
  summary: "A new secret for one of my API keys",
  description:
    "The present one still counts for `overlapSeconds`, a day if nothing is said; one before that ends at once. Name, scopes and expiry stay.",
  tags: ["auth"],
  request: {
    params: ApiKeyId,
    body: { required: true, content: { "application/json": { schema: ApiKeyRoll } } },
  },
  responses: {
    200: { description: "The key", content: { "application/json": { schema: ApiKeyWithSecret } } },
    409: problem("The key has expired, or it or the account was changed at the same time"),
  },
});

const revoke = defineRoute({
  method: "delete",
  path: "/api/v1/auth/api-keys/{id}",
  access: "user",
  operationId: "revokeApiKey",
  summary: "End one of my API keys",
  description: "It is refused everywhere within 10 s.",
  tags: ["auth"],
  request: { params: ApiKeyId },
  responses: { 204: { description: "Ended, now or before" } },
});

/** Keys by which machines act for a person. */
export function registerApiKeys(app: App<Env>): void {
  app.openapi(list, async (c) => c.json(await listApiKeys(c.get("context")), 200));
  app.openapi(create, async (c) =>
    c.json(await createApiKey(c.get("context"), c.req.valid("json")), 201, NO_STORE),
  );
  app.openapi(roll, async (c) =>
    c.json(await rollApiKey(c.get("context"), c.req.valid("param").id, c.req.valid("json")), 200, NO_STORE),
  );
  app.openapi(revoke, async (c) => {
    await revokeApiKey(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
}
