import type { App } from "@souk/kit/app";
import { clientAddress } from "./client-address.ts";
import type { Env } from "./env.ts";
import { countAttempt } from "./services/count-attempt.ts";

/** Routes where secrets are guessed or mails caused. `login` is not among them: it counts in the statement that finds the account. */
const CREDENTIAL_ROUTES = [
  "/api/v1/auth/register",
  "/api/v1/auth/verify-email",
  "/api/v1/auth/resend-verification",
  "/api/v1/auth/forgot-password",
  "/api/v1/auth/reset-password",
  "/api/v1/auth/login/second-factor",
  "/api/v1/auth/mail-sign-ins",
  "/api/v1/auth/mail-sign-ins/sessions",
  "/api/v1/auth/unlock",
  "/api/v1/auth/confirm-email-change",
  "/api/v1/auth/providers/:provider/authorizations",
  "/api/v1/auth/providers/:provider/sessions",
  "/api/v1/auth/passkey-challenges",
  "/api/v1/auth/passkey-sessions",
];

/** Counts the calls of the credential routes by address, malformed ones too. */
export function limitAttempts(app: App<Env>): void {
  for (const path of CREDENTIAL_ROUTES)
    app.use(path, async (c, next) => {
      const ip = clientAddress(c.req.raw.headers);
      if (ip !== null) await countAttempt(c.get("context"), ip);
      await next();
    });
}
