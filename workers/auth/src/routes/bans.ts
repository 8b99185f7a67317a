import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Ban, BanRequest, UserId } from "../schemas.ts";
import { banUser } from "../services/ban-user.ts";
import { unbanUser } from "../services/unban-user.ts";

const PATH = "/api/v1/auth/users/{id}/ban";

const ban = defineRoute({
  method: "put",
  path: PATH,
  access: "admin",
  operationId: "banUser",
  summary: "Ban an account, for a time or for good",
  description:
    "Ends all its sessions and refuses log-in and refresh until the ban expires. The reason is shown to whoever logs in with the right password.",
  tags: ["auth"],
  request: {
    params: UserId,
    body: { required: true, content: { "application/json": { schema: BanRequest } } },
  },
  responses: {
    200: { description: "The ban", content: { "application/json": { schema: Ban } } },
    409: problem("The account is an admin's"),
  },
});

const unban = defineRoute({
  method: "delete",
  path: PATH,
  access: "admin",
  operationId: "unbanUser",
  summary: "Lift a ban",
  description: "Without a ban nothing changes. Sessions that have ended stay ended.",
  tags: ["auth"],
  request: { params: UserId },
  responses: { 204: { description: "There is no ban now" } },
});

export function registerBans(app: App<Env>): void {
  app.openapi(ban, async (c) =>
    c.json(await banUser(c.get("context"), c.req.valid("param").id, c.req.valid("json")), 200),
  );
  app.openapi(unban, async (c) => {
    await unbanUser(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
}
