import type { App } from "@souk/kit/app";
import { PageQuery } from "@souk/kit/pagination";
import { defineRoute } from "@souk/kit/route";
import { z } from "zod";
import type { Env } from "../env.ts";
import { TrustedDevices } from "../second-factor-schemas.ts";
import { forgetTrustedDevice } from "../services/forget-trusted-device.ts";
import { listTrustedDevices } from "../services/list-trusted-devices.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/trusted-devices",
  access: "user",
  operationId: "listTrustedDevices",
  summary: "The devices that need no second factor, newest first",
  description: "A changed password ends the trust in all of them.",
  tags: ["auth"],
  request: { query: PageQuery },
  responses: {
    200: { description: "The devices", content: { "application/json": { schema: TrustedDevices } } },
  },
});

const forget = defineRoute({
  method: "delete",
  path: "/api/v1/auth/trusted-devices/{id}",
  access: "user",
  operationId: "forgetTrustedDevice",
  summary: "Ask for the second factor on a device again",
  description: "Sessions that are open on it stay open.",
  tags: ["auth"],
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 204: { description: "Forgotten" } },
});

export function registerTrustedDevices(app: App<Env>): void {
  app.openapi(list, async (c) =>
    c.json(await listTrustedDevices(c.get("context"), c.req.valid("query")), 200),
  );
  app.openapi(forget, async (c) => {
    await forgetTrustedDevice(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
}
