import { z } from "@hono/zod-openapi";
import { SECURITY_EVENTS } from "@souk/db/schema/auth-security-events";
import { pageOf } from "@souk/kit/pagination";

/** How somebody signed in; of a provider with its name. */
export const SignInWay = z.object({
  method: z
    .enum(["password", "provider", "passkey", "mail"])
    .openapi({ description: "How the person signed in" }),
  provider: z.string().optional().openapi({ example: "Google" }),
});
export type SignInWay = z.infer<typeof SignInWay>;

/** What is told besides, where it belongs to the type. */
export const SecurityEventDetails = SignInWay.partial().extend({
  sessionId: z.uuid().optional().openapi({ description: "The session that was opened or ended" }),
  secondFactor: z.boolean().optional().openapi({ description: "Whether a code was asked for" }),
  newDevice: z.boolean().optional(),
  endedDevice: z.string().optional().openapi({ description: "Whose session ended" }),
  reason: z.string().optional().openapi({ description: "Of a ban, or why a session ended" }),
  until: z.string().optional().openapi({ description: "The end of a ban" }),
  by: z.enum(["change", "reset"]).optional().openapi({ description: "How the password was set" }),
  name: z.string().optional().openapi({ description: "Of an API key or a passkey" }),
  role: z.string().optional(),
  before: z.string().optional().openapi({ description: "The role before" }),
});

const SecurityEvent = z
  .object({
    id: z.uuid(),
    type: z.enum(SECURITY_EVENTS),
    occurredAt: z.iso.datetime().openapi({ description: "Of failed attempts: when the first of them was" }),
    count: z.int().min(1).openapi({
      description:
        "How many failed attempts from one network within an hour this stands for; an attempt that is being judged counts",
    }),
    device: z.string().nullable().openapi({
      example: "Firefox on Linux",
      description: "The device that did it; null where it was done by a mailed link or by the operator",
    }),
    address: z.string().nullable().openapi({ description: "Where that device's session was opened from" }),
    details: SecurityEventDetails,
  })
  .openapi("SecurityEvent");

export const SecurityEventPage = pageOf(SecurityEvent).openapi("SecurityEventPage");
export type SecurityEventPage = z.infer<typeof SecurityEventPage>;
