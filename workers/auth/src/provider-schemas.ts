import { z } from "@hono/zod-openapi";
import { Password } from "./schemas.ts";
import { DeviceToken } from "./session-schemas.ts";

export const ProviderPath = z.object({
  provider: z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, "is no name of a provider"),
});
export const IdentityPath = z.object({ id: z.uuid() });

export const Providers = z
  .object({
    items: z.array(
      z
        .object({
          id: z.string().openapi({ example: "google" }),
          name: z.string().openapi({ example: "Google" }),
        })
        .openapi("Provider"),
    ),
    nextCursor: z.null(),
  })
  .openapi("Providers");
export type Providers = z.infer<typeof Providers>;

const redirectUri = z.string().max(500).regex(/^\S+$/, "is no address").openapi({
  description: "Where the provider sends the person back to: one of the addresses that the operator allows",
  example: "https://app.souk.example/signed-in",
});

export const AuthorizationRequest = z.strictObject({ redirectUri }).openapi("AuthorizationRequest");
export type AuthorizationRequest = z.infer<typeof AuthorizationRequest>;

export const LinkRequest = z
  .strictObject({
    provider: ProviderPath.shape.provider,
    redirectUri,
    password: Password.optional().openapi({ description: "Needed where the account has one" }),
  })
  .openapi("LinkRequest");
export type LinkRequest = z.infer<typeof LinkRequest>;

export const Authorization = z
  .object({
    url: z.url().openapi({ description: "Where the person signs in, to be opened in their browser" }),
    flow: z.string().openapi({
      description:
        "Keep it where only this app can read it, and send it with what the provider answers; shown once",
    }),
    expiresAt: z.iso.datetime(),
  })
  .openapi("Authorization");
export type Authorization = z.infer<typeof Authorization>;

/** A secret of ours as it was sent. */
const token = z.string().regex(/^[\w-]{1,100}$/, "is none of ours");

/** What a provider sends to the redirect address, with the flow that began it. */
const answer = {
  code: z.string().regex(/^[\x20-\x7e]{1,4000}$/, "is no code (RFC 6749, A.11)"),
  state: token,
  iss: z
    .string()
    .max(500)
    .regex(/^\S+$/, "is no address")
    .optional()
    .openapi({ description: "Of the same answer, where the provider sends it" }),
  flow: token,
};

export const SignIn = z.strictObject({ ...answer, deviceToken: DeviceToken.optional() }).openapi("SignIn");
export type SignIn = z.infer<typeof SignIn>;

export const IdentityLink = z
  .strictObject({ ...answer, provider: ProviderPath.shape.provider })
  .openapi("IdentityLink");
export type IdentityLink = z.infer<typeof IdentityLink>;

export const Identity = z
  .object({
    id: z.uuid(),
    provider: z.string(),
    email: z.string().openapi({ description: "The address that the provider told last" }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .openapi("Identity");
export type Identity = z.infer<typeof Identity>;

export const Identities = z.object({ items: z.array(Identity), nextCursor: z.null() }).openapi("Identities");
export type Identities = z.infer<typeof Identities>;
