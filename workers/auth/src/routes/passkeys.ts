import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import {
  NewPasskey,
  Passkey,
  PasskeyChallenge,
  PasskeyChange,
  PasskeyList,
  PasskeyPath,
  PasskeyRegistration,
  PasskeySignIn,
} from "../passkey-schemas.ts";
import { PasswordProof } from "../schemas.ts";
import { TokensWithDevice } from "../second-factor-schemas.ts";
import { addPasskey } from "../services/add-passkey.ts";
import { listPasskeys } from "../services/list-passkeys.ts";
import { removePasskey } from "../services/remove-passkey.ts";
import { renamePasskey } from "../services/rename-passkey.ts";
import { signInWithPasskey } from "../services/sign-in-with-passkey.ts";
import { startPasskeyRegistration } from "../services/start-passkey-registration.ts";
import { startPasskeySignIn } from "../services/start-passkey-sign-in.ts";
import { deviceOf, NO_STORE } from "./sessions.ts";

const OFF = problem("The operator has switched passkeys off");

const start = defineRoute({
  method: "post",
  path: "/api/v1/auth/passkey-registrations",
  access: "user",
  operationId: "startPasskeyRegistration",
  summary: "Begin to add a passkey",
  description:
    "Give `options` to `PublicKeyCredential.parseCreationOptionsFromJSON` and `navigator.credentials.create`, and what that answers to `POST /api/v1/auth/passkeys`, once, within 5 minutes. Needs the password, where the account has one, and assurance level 2 where a second factor is on. A wrong password is a validation error of `password`.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: PasswordProof } } } },
  responses: {
    201: { description: "Begun", content: { "application/json": { schema: PasskeyRegistration } } },
    404: OFF,
    409: problem("`limit_reached`: there are 10"),
  },
});

const add = defineRoute({
  method: "post",
  path: "/api/v1/auth/passkeys",
  access: "user",
  operationId: "addPasskey",
  summary: "Add a passkey by what the authenticator answered",
  description: "At most 10. The account's owner gets a mail; no session ends.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: NewPasskey } } } },
  responses: {
    201: { description: "Added", content: { "application/json": { schema: Passkey } } },
    401: problem("The access token is not valid; `invalid_passkey`: begin again"),
    404: OFF,
    409: problem("It is there already; `limit_reached`: there are 10"),
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/passkeys",
  access: "user",
  operationId: "listPasskeys",
  summary: "My passkeys, newest first",
  description: "At most 10, so there is one page.",
  tags: ["auth"],
  responses: {
    200: { description: "The passkeys", content: { "application/json": { schema: PasskeyList } } },
  },
});

const rename = defineRoute({
  method: "patch",
  path: "/api/v1/auth/passkeys/{id}",
  access: "user",
  operationId: "renamePasskey",
  summary: "Give one of my passkeys another name",
  description: "The name is for its owner alone.",
  tags: ["auth"],
  request: {
    params: PasskeyPath,
    body: { required: true, content: { "application/json": { schema: PasskeyChange } } },
  },
  responses: { 200: { description: "The passkey", content: { "application/json": { schema: Passkey } } } },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/v1/auth/passkeys/{id}",
  access: "user",
  operationId: "removePasskey",
  summary: "Take a passkey away",
  description:
    "One can no longer log in with it, the other sessions end, and the account's owner gets a mail. The last way in stays. Needs assurance level 2 where a second factor is on, else a session that was opened within the last day.",
  tags: ["auth"],
  request: { params: PasskeyPath },
  responses: {
    204: { description: "It is gone" },
    403: problem("`second_factor_required`; `fresh_login_required`: log in again"),
    409: problem("It is the only way to log in"),
  },
});

const challenge = defineRoute({
  method: "post",
  path: "/api/v1/auth/passkey-challenges",
  access: "public",
  operationId: "startPasskeySignIn",
  summary: "Begin to sign in with a passkey",
  description:
    "Give `options` to `PublicKeyCredential.parseRequestOptionsFromJSON` and `navigator.credentials.get`, and what that answers to `POST /api/v1/auth/passkey-sessions`, once, within 5 minutes. It is the same for everybody: the authenticator offers the passkeys that it has.",
  tags: ["auth"],
  responses: {
    201: { description: "Begun", content: { "application/json": { schema: PasskeyChallenge } } },
    404: OFF,
  },
});

const open = defineRoute({
  method: "post",
  path: "/api/v1/auth/passkey-sessions",
  access: "public",
  operationId: "signInWithPasskey",
  summary: "Log in with what a passkey answered; opens a session",
  description:
    "As a log-in by password, but of assurance level 2: the authenticator has verified the person, so no second factor is asked for.",
  tags: ["auth"],
  request: { body: { required: true, content: { "application/json": { schema: PasskeySignIn } } } },
  responses: {
    200: { description: "Logged in", content: { "application/json": { schema: TokensWithDevice } } },
    401: problem("`invalid_passkey`: unknown, used, expired or another's; begin again"),
    403: problem("The address is not verified, or the account is banned"),
    404: OFF,
  },
});

export function registerPasskeys(app: App<Env>): void {
  app.openapi(start, async (c) =>
    c.json(await startPasskeyRegistration(c.get("context"), c.req.valid("json")), 201, NO_STORE),
  );
  app.openapi(add, async (c) => c.json(await addPasskey(c.get("context"), c.req.valid("json")), 201));
  app.openapi(list, async (c) => c.json(await listPasskeys(c.get("context")), 200));
  app.openapi(rename, async (c) =>
    c.json(await renamePasskey(c.get("context"), c.req.valid("param").id, c.req.valid("json")), 200),
  );
  app.openapi(remove, async (c) => {
    await removePasskey(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
  app.openapi(challenge, async (c) => c.json(await startPasskeySignIn(c.get("context")), 201, NO_STORE));
  app.openapi(open, async (c) => {
    const device = deviceOf(c.req.raw.headers);
    return c.json(await signInWithPasskey(c.get("context"), c.req.valid("json"), device), 200, NO_STORE);
  });
}
