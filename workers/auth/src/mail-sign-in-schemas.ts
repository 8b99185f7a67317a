import { z } from "@hono/zod-openapi";
import { DeviceToken } from "./session-schemas.ts";

export const MailSignIn = z
  .object({
    flow: z.string().openapi({
      description: "Keep it where only this app can read it, and send it with the code or token; shown once",
    }),
    expiresAt: z.iso.datetime(),
  })
  .openapi("MailSignIn");
export type MailSignIn = z.infer<typeof MailSignIn>;

/** A secret of ours as it was sent. */
const token = z.string().regex(/^[\w-]{1,100}$/, "is none of ours");

export const MailSignInProof = z
  .strictObject({
    flow: token,
    code: z
      .string()
      .trim()
      .regex(/^\d{8}$/, "is not of 8 digits")
      .optional()
      .openapi({ description: "As it stands in the mail; this or `token`", example: "01234567" }),
    token: token.optional().openapi({ description: "Of the link in the mail; this or `code`" }),
    deviceToken: DeviceToken.optional(),
  })
  .refine(({ code, token: ofLink }) => (code === undefined) !== (ofLink === undefined), {
    path: ["code"],
    message: "is needed where there is no token, and only there",
  })
  .openapi("MailSignInProof");
export type MailSignInProof = z.infer<typeof MailSignInProof>;
