import { z } from "@hono/zod-openapi";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { LIMITS } from "./limits.ts";
import { Account, Email, Password, Secret } from "./schemas.ts";

/** Of a device that was logged in on before; of a trusted one it takes the place of the second factor. */
export const DeviceToken = Secret.openapi({
  description:
    "Of an earlier log-in on this device: it does not wait for failed attempts of others, and asks for no second factor if it is trusted",
});

export const Credentials = z
  .strictObject({ email: Email, password: Password, deviceToken: DeviceToken.optional() })
  .openapi("Credentials");
export type Credentials = z.infer<typeof Credentials>;

export const RefreshRequest = z.strictObject({ refreshToken: Secret }).openapi("RefreshRequest");
export type RefreshRequest = z.infer<typeof RefreshRequest>;

export const Tokens = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresIn: z
      .int()
      .openapi({ description: "Seconds until the access token expires", example: LIMITS.accessToken }),
    tokenType: z.literal("Bearer"),
    user: Account,
    restored: z.literal(true).optional().openapi({
      description: "This log-in reactivated the account, or cancelled its deletion",
    }),
  })
  .openapi("Tokens");
export type Tokens = z.infer<typeof Tokens>;

export const Verified = z
  .object({
    valid: z.literal(true),
    user: Account,
    session: z.object({
      id: z.uuid(),
      createdAt: z.iso.datetime(),
      refreshedAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
    }),
  })
  .openapi("SessionCheck");
export type Verified = z.infer<typeof Verified>;

export const SessionQuery = PageQuery;
export type SessionQuery = z.output<typeof SessionQuery>;

/** One log-in on one device, as its owner sees it. */
export const SessionPage = pageOf(
  z
    .object({
      id: z.uuid(),
      device: z.string().openapi({ example: "Firefox on Linux" }),
      userAgent: z.string().nullable(),
      address: z.string().nullable().openapi({ description: "Where it was opened from" }),
      createdAt: z.iso.datetime(),
      lastSeenAt: z.iso.datetime().openapi({ description: "When it was last refreshed" }),
      expiresAt: z.iso.datetime(),
      current: z.boolean(),
      impersonated: z.boolean().openapi({ description: "An admin acts in it for the person" }),
    })
    .openapi("Session"),
).openapi("SessionPage");
export type SessionPage = z.infer<typeof SessionPage>;

export const SessionsToEnd = z.object({
  keep: z.enum(["current"]).optional().openapi({ description: "Leaves the session that asks alive" }),
});
export type SessionsToEnd = z.infer<typeof SessionsToEnd>;

export const SessionId = z.object({ id: z.uuid() });

/** Where a session was opened, for its owner's list of devices. */
export interface Device {
  userAgent: string | null;
  ip: string | null;
}
