import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { KeySet } from "../schemas.ts";
import { publishKeys } from "../services/publish-keys.ts";

const keys = defineRoute({
  method: "get",
  path: "/.well-known/jwks.json",
  access: "public",
  operationId: "getKeys",
  summary: "The public keys that access tokens are verified with (RFC 7517)",
  description: "Tokens name their key by `kid`. More than one is shown while keys are rotated.",
  tags: ["auth"],
  responses: { 200: { description: "The key set", content: { "application/json": { schema: KeySet } } } },
});

export function registerKeys(app: App<Env>): void {
  app.openapi(keys, (c) =>
    c.json(publishKeys(c.get("context")), 200, { "cache-control": "public, max-age=300" }),
  );
}
