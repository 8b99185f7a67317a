import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import { CaptchaHeaders } from "../captcha-schemas.ts";
import type { Env } from "../env.ts";
import { Accepted, Address, PasswordChange, PasswordChanged, PasswordReset } from "../schemas.ts";
import { changePassword } from "../services/change-password.ts";
import { proveCaptcha } from "../services/prove-captcha.ts";
import { requestPasswordReset } from "../services/request-password-reset.ts";
import { resetPassword } from "../services/reset-password.ts";

const forgot = defineRoute({
  method: "post",
  path: "/api/v1/auth/forgot-password",
  access: "public",
  operationId: "forgotPassword",
  summary: "Mail a link to set a new password",
  description: "The same answer for every address; at most one mail a minute.",
  tags: ["auth"],
  request: {
    headers: CaptchaHeaders,
    body: { required: true, content: { "application/json": { schema: Address } } },
  },
  responses: { 202: { description: "Accepted", content: { "application/json": { schema: Accepted } } } },
});

const reset = defineRoute({
  method: "post",
  path: "/api/v1/auth/reset-password",
  access: "public",
  operationId: "resetPassword",
  summary: "Set a new password by the token of the mailed link; ends all sessions",
  description:
    "The token works once, for an hour. A pending address is verified by it: the mail reached its owner.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: PasswordReset } } } },
  responses: {
    200: {
      description: "The password is changed",
      content: { "application/json": { schema: PasswordChanged } },
    },
  },
});

const change = defineRoute({
  method: "post",
  path: "/api/v1/auth/change-password",
  access: "user",
  operationId: "changePassword",
  summary: "Change the password; ends the other sessions",
  description:
    "A wrong current password is a validation error of `currentPassword`, so that 401 only ever means the token.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: PasswordChange } } } },
  responses: {
    200: {
      description: "The password is changed",
      content: { "application/json": { schema: PasswordChanged } },
    },
    409: problem("The password was changed elsewhere at the same time"),
  },
});

export function registerPasswords(app: App<Env>): void {
  app.openapi(forgot, async (c) => {
    await proveCaptcha(c.get("context"), c.req.raw.headers, "forgot-password");
    return c.json(await requestPasswordReset(c.get("context"), c.req.valid("json")), 202);
  });
  app.openapi(reset, async (c) => c.json(await resetPassword(c.get("context"), c.req.valid("json")), 200));
  app.openapi(change, async (c) => c.json(await changePassword(c.get("context"), c.req.valid("json")), 200));
}
