import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import { CaptchaHeaders } from "../captcha-schemas.ts";
import type { Env } from "../env.ts";
import { MailSignIn, MailSignInProof } from "../mail-sign-in-schemas.ts";
import { Address } from "../schemas.ts";
import { LoggedIn } from "../second-factor-schemas.ts";
import { proveCaptcha } from "../services/prove-captcha.ts";
import { requestMailSignIn } from "../services/request-mail-sign-in.ts";
import { signInByMail } from "../services/sign-in-by-mail.ts";
import { deviceOf, NO_STORE } from "./sessions.ts";

const begin = defineRoute({
  method: "post",
  path: "/api/v1/auth/mail-sign-ins",
  access: "public",
  operationId: "requestMailSignIn",
  summary: "Mail a code and a link to sign in with",
  description:
    "The same answer for every address, and no account is made for an unknown one; at most one mail a minute, which is then good for each sign-in begun since. Keep `flow`: the code and the link work together with it alone, for 10 minutes.",
  tags: ["auth"],
  request: {
    headers: CaptchaHeaders,
    body: { required: true, content: { "application/json": { schema: Address } } },
  },
  responses: { 202: { description: "Accepted", content: { "application/json": { schema: MailSignIn } } } },
});

const open = defineRoute({
  method: "post",
  path: "/api/v1/auth/mail-sign-ins/sessions",
  access: "public",
  operationId: "signInByMail",
  summary: "Log in with the code or the link's token from the mail; opens a session",
  description:
    "As a log-in by password: an account with a second factor gets a challenge. It works once, with five tries. A pending address is verified by it, and the password that was chosen for it goes: the mail reached its owner.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: MailSignInProof } } } },
  responses: {
    200: {
      description: "Logged in; with a second factor, the challenge that it is for",
      content: { "application/json": { schema: LoggedIn } },
    },
    401: problem("`invalid_code`: try again; `invalid_challenge`: the sign-in is over, begin again"),
    403: problem("The code is right, but the account is banned"),
  },
});

export function registerMailSignIns(app: App<Env>): void {
  app.openapi(begin, async (c) => {
    await proveCaptcha(c.get("context"), c.req.raw.headers, "mail-sign-ins");
    return c.json(await requestMailSignIn(c.get("context"), c.req.valid("json")), 202, NO_STORE);
  });
  app.openapi(open, async (c) => {
    const device = deviceOf(c.req.raw.headers);
    return c.json(await signInByMail(c.get("context"), c.req.valid("json"), device), 200, NO_STORE);
  });
}
