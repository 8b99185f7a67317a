import { z } from "@hono/zod-openapi";

/** Of the routes that strangers call to cause mail or accounts. */
export const CaptchaHeaders = z.object({
  "Captcha-Token": z.string().min(1).max(2048).optional().openapi({
    description:
      "Where the operator asks for a CAPTCHA: the token that the widget gave for this route's last path segment as `action`; good once",
  }),
});
