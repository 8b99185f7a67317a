import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { PasswordProof } from "../schemas.ts";
import {
  Enrolment,
  RecoveryCodes,
  SecondFactorCode,
  SecondFactorProof,
  SecondFactorState,
  SteppedUp,
  TokensWithDevice,
} from "../second-factor-schemas.ts";
import { confirmFactor } from "../services/confirm-factor.ts";
import { enrolFactor } from "../services/enrol-factor.ts";
import { passChallenge } from "../services/pass-challenge.ts";
import { readFactor } from "../services/read-factor.ts";
import { removeFactor } from "../services/remove-factor.ts";
import { renewRecoveryCodes } from "../services/renew-recovery-codes.ts";
import { stepUp } from "../services/step-up.ts";
import { deviceOf, NO_STORE } from "./sessions.ts";

const STEP_UP = problem(
  "`second_factor_required`: prove the second factor by `POST /api/v1/auth/step-up` and repeat with the new access token",
);

const login = defineRoute({
  method: "post",
  path: "/api/v1/auth/login/second-factor",
  access: "public",
  operationId: "loginSecondFactor",
  summary: "Finish a log-in by its challenge and a code; opens the session",
  description:
    "The challenge lives for 5 minutes, takes 5 tries and opens one session. A code works once. `trustDevice` gives a token that spares this device the second factor for 30 days.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: SecondFactorProof } } } },
  responses: {
    200: { description: "Logged in", content: { "application/json": { schema: TokensWithDevice } } },
    401: problem("`invalid_challenge`: log in again; `invalid_code`: wrong, too old or used before"),
  },
});

const up = defineRoute({
  method: "post",
  path: "/api/v1/auth/step-up",
  access: "user",
  operationId: "stepUp",
  summary: "Lift this session to assurance level 2 by a code of the second factor",
  description:
    "Sensitive actions of an account with a second factor ask for it with `second_factor_required`. It lasts for a day, refreshes included.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: SecondFactorCode } } } },
  responses: {
    200: {
      description: "An access token of level 2; the refresh token stays the same",
      content: { "application/json": { schema: SteppedUp } },
    },
    409: problem("No second factor is on"),
  },
});

const read = defineRoute({
  method: "get",
  path: "/api/v1/auth/second-factor",
  access: "user",
  operationId: "getSecondFactor",
  summary: "Whether the second factor is on",
  description: "And since when, and how many recovery codes are left.",
  tags: ["auth"],
  responses: {
    200: { description: "Its state", content: { "application/json": { schema: SecondFactorState } } },
  },
});

const enrol = defineRoute({
  method: "post",
  path: "/api/v1/auth/second-factor",
  access: "user",
  operationId: "enrolSecondFactor",
  summary: "Begin to add an authenticator app (TOTP)",
  description:
    "The secret is shown this once; nothing asks for it until a code confirms it, within 10 minutes. A wrong password is a validation error of `password`.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: PasswordProof } } } },
  responses: {
    201: { description: "Begun", content: { "application/json": { schema: Enrolment } } },
    409: problem("A second factor is on already"),
  },
});

const confirm = defineRoute({
  method: "post",
  path: "/api/v1/auth/second-factor/confirm",
  access: "user",
  operationId: "confirmSecondFactor",
  summary: "Turn the second factor on by the authenticator's first code",
  description: "Gives ten recovery codes, this once. From now on a log-in needs a code.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: SecondFactorCode } } } },
  responses: {
    200: { description: "It is on", content: { "application/json": { schema: RecoveryCodes } } },
    409: problem("No new authenticator waits for its first code"),
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/v1/auth/second-factor",
  access: "user",
  operationId: "removeSecondFactor",
  summary: "Turn the second factor off",
  description: "With its recovery codes and the trusted devices. Needs assurance level 2.",
  tags: ["auth"],
  responses: { 204: { description: "It is off" }, 403: STEP_UP },
});

const renew = defineRoute({
  method: "post",
  path: "/api/v1/auth/second-factor/recovery-codes",
  access: "user",
  operationId: "renewRecoveryCodes",
  summary: "New recovery codes in place of the old ones",
  description: "Shown this once. Needs assurance level 2.",
  tags: ["auth"],
  responses: {
    200: { description: "The new codes", content: { "application/json": { schema: RecoveryCodes } } },
    403: STEP_UP,
    409: problem("No second factor is on"),
  },
});

export function registerSecondFactor(app: App<Env>): void {
  app.openapi(login, async (c) =>
    c.json(
      await passChallenge(c.get("context"), c.req.valid("json"), deviceOf(c.req.raw.headers)),
      200,
      NO_STORE,
    ),
  );
  app.openapi(up, async (c) => c.json(await stepUp(c.get("context"), c.req.valid("json")), 200, NO_STORE));
  app.openapi(read, async (c) => c.json(await readFactor(c.get("context")), 200));
  app.openapi(enrol, async (c) =>
    c.json(await enrolFactor(c.get("context"), c.req.valid("json")), 201, NO_STORE),
  );
  app.openapi(confirm, async (c) =>
    c.json(await confirmFactor(c.get("context"), c.req.valid("json")), 200, NO_STORE),
  );
  app.openapi(remove, async (c) => {
    await removeFactor(c.get("context"));
    return c.body(null, 204);
  });
  app.openapi(renew, async (c) => c.json(await renewRecoveryCodes(c.get("context")), 200, NO_STORE));
}
