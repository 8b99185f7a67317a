import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import { CaptchaHeaders } from "../captcha-schemas.ts";
import type { Env } from "../env.ts";
import { Accepted, Address, LinkToken, Registered, Registration, Unlocked } from "../schemas.ts";
import { proveCaptcha } from "../services/prove-captcha.ts";
import { registerUser } from "../services/register-user.ts";
import { requestVerification } from "../services/request-verification.ts";
import { unlockAccount } from "../services/unlock-account.ts";
import { verifyEmail } from "../services/verify-email.ts";

const register = defineRoute({
  method: "post",
  path: "/api/v1/auth/register",
  access: "public",
  operationId: "register",
  summary: "Register; a link to verify the address is mailed",
  description: "A known address gets the same answer, and its owner a notice.",
  tags: ["auth"],
  request: {
    headers: CaptchaHeaders,
    body: { required: true, content: { "application/json": { schema: Registration } } },
  },
  responses: { 201: { description: "Registered", content: { "application/json": { schema: Registered } } } },
});

const verify = defineRoute({
  method: "post",
  path: "/api/v1/auth/verify-email",
  access: "public",
  operationId: "verifyEmail",
  summary: "Verify an address by the token of the mailed link",
  description:
    "The token takes effect once and expires after 24 hours; until then, repeating it gives the same answer (a page posted twice).",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: LinkToken } } } },
  responses: { 200: { description: "Verified", content: { "application/json": { schema: Registered } } } },
});

const resend = defineRoute({
  method: "post",
  path: "/api/v1/auth/resend-verification",
  access: "public",
  operationId: "resendVerification",
  summary: "Mail the verification link again",
  description: "The same answer for every address; at most one mail a minute.",
  tags: ["auth"],
  request: {
    headers: CaptchaHeaders,
    body: { required: true, content: { "application/json": { schema: Address } } },
  },
  responses: { 202: { description: "Accepted", content: { "application/json": { schema: Accepted } } } },
});

const unlock = defineRoute({
  method: "post",
  path: "/api/v1/auth/unlock",
  access: "public",
  operationId: "unlockAccount",
  summary: "End the lockout after failed log-ins by the token of the mailed link",
  description: "The token works once, for a day. Setting a new password ends a lockout too.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: LinkToken } } } },
  responses: { 200: { description: "Unlocked", content: { "application/json": { schema: Unlocked } } } },
});

export function registerAccounts(app: App<Env>): void {
  app.openapi(register, async (c) => {
    await proveCaptcha(c.get("context"), c.req.raw.headers, "register");
    return c.json(await registerUser(c.get("context"), c.req.valid("json")), 201);
  });
  app.openapi(verify, async (c) => c.json(await verifyEmail(c.get("context"), c.req.valid("json")), 200));
  app.openapi(unlock, async (c) => c.json(await unlockAccount(c.get("context"), c.req.valid("json")), 200));
  app.openapi(resend, async (c) => {
    await proveCaptcha(c.get("context"), c.req.raw.headers, "resend-verification");
    return c.json(await requestVerification(c.get("context"), c.req.valid("json")), 202);
  });
}
