import { binding, DatabaseEnv, jsonVariable, RetrySeconds } from "@souk/kit/config";
import { DataKeys } from "@souk/kit/envelope";
import type { DeadLetter } from "@souk/kit/events";
import type { EventsService } from "@souk/kit/rpc";
import { base64url } from "jose";
import { z } from "zod";
import { OpenidProviders, RedirectUri } from "./openid-providers.ts";
import { Passkeys } from "./passkey-settings.ts";
import { SafeUrl } from "./safe-url.ts";

const SigningKey = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.base64url(),
  y: z.base64url(),
  d: z.base64url(),
  kid: z.string().min(1),
});

/** A private ES256 key as JWK. */
export type SigningKey = z.infer<typeof SigningKey>;

const SigningKeys = z
  .tuple([SigningKey], SigningKey)
  .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, "two keys have one kid");

const RefreshKey = z
  .base64url()
  .transform((text) => base64url.decode(text))
  .refine((bytes) => bytes.length >= 32, "shorter than 32 bytes");

/** The environment of `auth`. */
export const Env = DatabaseEnv.extend({
  ISSUER: z.url(),
  AUDIENCE: z.string().min(1),
  PUBLIC_URL: z.url(),
  /** Private JWKs: the first signs, the public halves of all are published. */
  JWT_KEYS: jsonVariable(SigningKeys),
  /** Secrets of refresh tokens, base64url, newest first: the first signs, all verify. */
  REFRESH_KEYS: jsonVariable(z.tuple([RefreshKey], RefreshKey)),
  /** What second factors are sealed with (`@souk/kit/envelope`), newest first: the first seals, all open. */
  DATA_KEYS: jsonVariable(DataKeys),
  /** Calls of routes that take credentials which one address may make in 15 minutes (S3-GW-18). */
  ATTEMPTS_PER_ADDRESS: z.coerce.number().int().positive(),
  /** Providers to sign in with, as JSON; none of them where the list is empty. */
  OPENID_PROVIDERS: jsonVariable(OpenidProviders),
  /** Client secrets by provider, as JSON. */
  OPENID_SECRETS: jsonVariable(z.record(z.string(), z.string().min(1))),
  /** Where providers may send people back to, as JSON: addresses of the web and mobile apps, compared letter by letter. */
  OPENID_REDIRECT_URIS: jsonVariable(z.array(RedirectUri)),
  /** Where passkeys count, as JSON; null switches them off. */
  PASSKEYS: jsonVariable(Passkeys.nullable()),
  /** Where new passwords are looked up, without /range/...; empty for nowhere. */
  BREACHED_PASSWORDS_URL: z.union([z.literal(""), SafeUrl]),
  /** Where CAPTCHAs are verified, as Cloudflare Turnstile does; empty: none are asked for. */
  CAPTCHA_URL: z.union([z.literal(""), SafeUrl]),
  TURNSTILE_SECRET: z.string(),
  /** Hosts of the pages that they are solved on, as JSON. */
  CAPTCHA_HOSTNAMES: jsonVariable(z.array(z.hostname())),
  EVENTS: binding<EventsService>(),
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
}).refine(
  (env) => env.CAPTCHA_URL === "" || (env.TURNSTILE_SECRET !== "" && env.CAPTCHA_HOSTNAMES.length > 0),
  { path: ["CAPTCHA_URL"], message: "needs TURNSTILE_SECRET and CAPTCHA_HOSTNAMES" },
);
export type Env = z.infer<typeof Env>;
