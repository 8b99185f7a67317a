import { z } from "zod";
import { isSafe, SafeUrl } from "./safe-url.ts";

const OpenidProvider = z.strictObject({
  /** It stands in paths and in stored identities: it names one issuer for good. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,29}$/),
  /** As people know it. */
  name: z.string().min(1).max(50),
  issuer: SafeUrl,
  clientId: z.string().min(1),
  scopes: z.array(z.string().min(1)).default(["openid", "email", "profile"]),
  /** What else its authorization endpoint is sent. */
  parameters: z.record(z.string(), z.string()).default({}),
  clientAuthentication: z.enum(["client_secret_basic", "client_secret_post"]).default("client_secret_basic"),
  /** What its ID tokens are signed with; others are refused. */
  algorithm: z.enum(["RS256", "PS256", "ES256", "EdDSA"]).default("RS256"),
  /** What a provider, against the standards, does not do: it is not asked for it. */
  lacks: z.array(z.enum(["pkce", "nonce"])).default([]),
});
/** An OpenID provider that people can sign in with. */
export type OpenidProvider = z.infer<typeof OpenidProvider>;

/** OPENID_PROVIDERS. */
export const OpenidProviders = z
  .array(OpenidProvider)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, "two providers have one id");

/** A page of a web app, or a mobile app's own scheme (`com.example.app:/signed-in`, RFC 8252), which has a dot in it. */
export const RedirectUri = z
  .url()
  .refine(
    (text) => isSafe(text) || /^[a-z][a-z0-9-]*\.[a-z0-9.-]+:/i.test(text),
    "is neither https nor an app's",
  );
