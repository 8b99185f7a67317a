import { z } from "@hono/zod-openapi";

/** At most 2048 characters (Turnstile's), and of those that tokens are made of: nobody shall bring the verifier to a fault, which lets pass. */
export const CaptchaToken = z.string().regex(/^[\w.:+/=-]{1,2048}$/, "is no token");

/** Of the routes that strangers call to cause mail or accounts. */
export const CaptchaHeaders = z.object({
  "Captcha-Token": CaptchaToken.optional().openapi({
    description:
      "Where the operator asks for a CAPTCHA: the token that the widget gave for this route's last path segment as `action`; good once",
  }),
});
