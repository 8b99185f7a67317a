import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Deactivated, Deletion, Erasure, ErasurePath } from "../account-life-schemas.ts";
import { PasswordProof } from "../schemas.ts";
import { deactivateAccount } from "../services/deactivate-account.ts";
import { deleteAccount } from "../services/delete-account.ts";
import { readErasure } from "../services/read-erasure.ts";

const proof = {
  body: { required: true, content: { "application/json": { schema: PasswordProof } } },
} as const;

const deactivate = defineRoute({
  method: "post",
  path: "/api/v1/auth/deactivate",
  access: "user",
  operationId: "deactivateAccount",
  summary: "Put the account to sleep; ends all sessions",
  description:
    "Logging in reactivates it. A wrong password is a validation error of `password`, so that 401 only ever means the token.",
  tags: ["auth"],
  request: proof,
  responses: {
    200: { description: "It sleeps", content: { "application/json": { schema: Deactivated } } },
    409: problem("The account was changed elsewhere at the same time"),
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/v1/auth/account",
  access: "user",
  operationId: "deleteAccount",
  summary: "Have the account and all its data erased in 14 days; ends all sessions",
  description:
    "The day is mailed to the account's address. A log-in before it cancels the deletion. A wrong password is a validation error of `password`.",
  tags: ["auth"],
  request: proof,
  responses: {
    200: { description: "The day is set", content: { "application/json": { schema: Deletion } } },
    409: problem("The account was changed elsewhere at the same time"),
  },
});

const report = defineRoute({
  method: "get",
  path: "/api/v1/auth/erasures/{id}",
  access: "admin",
  operationId: "readErasure",
  summary: "Read the report of a person's erasure",
  description:
    "By the person's id: what each service that has answered erased. It is closed when all have, and the account is gone.",
  tags: ["auth"],
  request: { params: ErasurePath },
  responses: { 200: { description: "The report", content: { "application/json": { schema: Erasure } } } },
});

export function registerAccountLife(app: App<Env>): void {
  app.openapi(deactivate, async (c) =>
    c.json(await deactivateAccount(c.get("context"), c.req.valid("json")), 200),
  );
  app.openapi(remove, async (c) => c.json(await deleteAccount(c.get("context"), c.req.valid("json")), 200));
  app.openapi(report, async (c) => c.json(await readErasure(c.get("context"), c.req.valid("param").id), 200));
}
