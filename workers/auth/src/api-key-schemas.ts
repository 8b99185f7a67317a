import { z } from "@hono/zod-openapi";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";
import { SCOPE_NAMES, SCOPES } from "@souk/kit/permissions";
import { LIMITS } from "./limits.ts";
import { Password } from "./schemas.ts";

const Scopes = z
  .array(z.enum(SCOPE_NAMES))
  .min(1)
  .max(SCOPE_NAMES.length)
  .refine((scopes) => new Set(scopes).size === scopes.length, "names a scope twice")
  .openapi({
    description: Object.entries(SCOPES)
      .map(([scope, opens]) => `\`${scope}\`: ${opens}`)
      .join("; "),
    example: ["alerts:read", "alerts:write"],
  });

export const NewApiKey = z
  .strictObject({
    name: z.string().trim().min(1).max(100).refine(isOneLine, ONE_LINE).openapi({ example: "price bot" }),
    scopes: Scopes,
    expiresAt: z.iso.datetime().nullish().openapi({ description: "Without it the key has no end" }),
    password: Password,
  })
  .openapi("NewApiKey");
export type NewApiKey = z.infer<typeof NewApiKey>;

export const ApiKey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scopes: z.array(z.string()),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    expired: z.boolean(),
    lastUsedAt: z.iso.datetime().nullable().openapi({ description: "To the minute" }),
    rolledAt: z.iso.datetime().nullable(),
    previousUntil: z.iso
      .datetime()
      .nullable()
      .openapi({ description: "Until then the key before the last roll counts too" }),
  })
  .openapi("ApiKey");
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeys = z.object({ items: z.array(ApiKey), nextCursor: z.null() }).openapi("ApiKeys");
export type ApiKeys = z.infer<typeof ApiKeys>;

export const ApiKeyWithSecret = ApiKey.extend({
  key: z.string().openapi({ description: "Shown this once; for `Authorization: Bearer`" }),
}).openapi("ApiKeyWithSecret");
export type ApiKeyWithSecret = z.infer<typeof ApiKeyWithSecret>;

export const ApiKeyRoll = z
  .strictObject({
    password: Password,
    overlapSeconds: z
      .int()
      .min(0)
      .max(LIMITS.apiKeyOverlapMax)
      .default(LIMITS.apiKeyOverlap)
      .openapi({ description: "How long the present key still counts" }),
  })
  .openapi("ApiKeyRoll");
export type ApiKeyRoll = z.infer<typeof ApiKeyRoll>;

export const ApiKeyId = z.object({ id: z.uuid() });
