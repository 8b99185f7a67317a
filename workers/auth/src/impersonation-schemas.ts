import { z } from "@hono/zod-openapi";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";
import { pageOf } from "@souk/kit/pagination";
import { LIMITS } from "./limits.ts";

export const ImpersonationRequest = z
  .strictObject({ reason: z.string().trim().min(10).max(500).refine(isOneLine, ONE_LINE) })
  .openapi("ImpersonationRequest");
export type ImpersonationRequest = z.infer<typeof ImpersonationRequest>;

export const ImpersonationStarted = z
  .object({
    id: z.uuid().openapi({ description: "Of the session" }),
    accessToken: z.string(),
    expiresIn: z.int().openapi({ description: "Seconds; there is no refresh", example: LIMITS.accessToken }),
    tokenType: z.literal("Bearer"),
  })
  .openapi("ImpersonationStarted");
export type ImpersonationStarted = z.infer<typeof ImpersonationStarted>;

export const ImpersonationPage = pageOf(
  z
    .object({
      id: z.uuid(),
      userId: z.uuid(),
      impersonatedBy: z.uuid(),
      reason: z.string(),
      startedAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
      endedAt: z.iso.datetime().nullable().openapi({ description: "Null where nobody ended it early" }),
      endedReason: z.string().nullable(),
    })
    .openapi("Impersonation"),
).openapi("ImpersonationPage");
export type ImpersonationPage = z.infer<typeof ImpersonationPage>;
