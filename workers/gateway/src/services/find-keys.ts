import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { describeError } from "@souk/kit/log";
import { createLocalJWKSet } from "jose";
import { z } from "zod";
import type { Env } from "../env.ts";

const MAX_AGE_MS = 5 * 60_000;
/** Between two tries, so that neither made-up key ids nor a silent `auth` cost a call per request. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 2_000;

const Jwks = z.object({
  keys: z.array(
    z.object({
      kty: z.literal("EC"),
      crv: z.literal("P-256"),
      alg: z.literal("ES256"),
      kid: z.string(),
      x: z.string(),
      y: z.string(),
    }),
  ),
});

type KeyFinder = ReturnType<typeof createLocalJWKSet>;

interface KnownKeys {
  ids: Set<string>;
  find: KeyFinder;
  fetchedAt: number;
}
let known: KnownKeys | undefined;
let triedAt = Number.NEGATIVE_INFINITY;

async function fetchKeys(context: Context<Env>): Promise<KnownKeys> {
  const response = await context.env.AUTH.fetch("https://auth/.well-known/jwks.json", {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`auth answered ${response.status} for its keys`);
  const jwks = Jwks.parse(await response.json());
  return {
    ids: new Set(jwks.keys.map((key) => key.kid)),
    find: createLocalJWKSet(jwks),
    fetchedAt: context.now().getTime(),
  };
}

/**
 * The keys that `auth` signs with, kept in this isolate for 5 minutes; read again for an unknown key id, at most every 30 s.
 * While `auth` is silent the keys last read stay good.
 * @param keyId the id that a token names
 * @throws AppError unavailable when no keys were ever read
 */
export async function findKeys(context: Context<Env>, keyId: string): Promise<KeyFinder> {
  const now = context.now().getTime();
  const wanting = known === undefined || !known.ids.has(keyId) || now - known.fetchedAt >= MAX_AGE_MS;
  if (wanting && (known === undefined || now - triedAt >= COOLDOWN_MS)) {
    triedAt = now;
    try {
      known = await fetchKeys(context);
    } catch (error) {
      context.log.error("cannot read the signing keys", { error: describeError(error) });
      if (known === undefined)
        throw new AppError("unavailable", "Access tokens cannot be checked now.", { cause: error });
    }
  }
  if (known === undefined) throw new AppError("unavailable", "Access tokens cannot be checked now.");
  return known.find;
}
