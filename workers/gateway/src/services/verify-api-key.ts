import { timingSafeEqual } from "node:crypto";
import type { Actor } from "@souk/kit/actor";
import { readApiKey } from "@souk/kit/api-key";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { MemoryCache } from "@souk/kit/memory-cache";
import { callTimeout } from "@souk/kit/resilience";
import type { KnownApiKey } from "@souk/kit/rpc";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";
import { API_KEY_LIMITS as LIMITS } from "../limits.ts";

/** By key id. A wrong secret of a known key costs no call either; made-up ids have a cache of their own and push no good key out. */
const known = new MemoryCache<{ key: KnownApiKey; doubtedAt: number }>(
  LIMITS.refreshMs,
  LIMITS.kept,
  LIMITS.maxAgeMs - LIMITS.refreshMs,
);
const unknown = new MemoryCache<true>(LIMITS.maxAgeMs, LIMITS.kept);

/** One answer for every reason, so that a stranger learns nothing of a key. */
const refused = () => new AppError("unauthorized", "The API key is not valid.");

const same = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** Whose hash it is: the key's, or that of the one before. */
function ofWhich({ hash, previous }: KnownApiKey, sent: string): "present" | "previous" | null {
  if (same(hash, sent)) return "present";
  return previous !== null && same(previous.hash, sent) ? "previous" : null;
}

async function find(context: Context<Env>, id: string, hash: string): Promise<KnownApiKey | null> {
  const now = context.now();
  const kept = known.get(id, now);
  const doubted = kept !== undefined && ofWhich(kept.key, hash) === null;
  if (kept !== undefined && (!doubted || now.getTime() - kept.doubtedAt < LIMITS.doubtMs)) return kept.key;
  if (unknown.get(id, now) !== undefined) return null;
  let found: KnownApiKey | null;
  try {
    found = await callTimeout.execute(() =>
      context.env.AUTH_RPC.apiKey(id, hash, traceparent(context.trace)),
    );
  } catch (error) {
    // What is not 10 s old yet still holds; a secret that it does not know may be one that `auth` gave since.
    const last = known.get(id, now);
    if (last !== undefined && ofWhich(last.key, hash) !== null) return last.key;
    throw new AppError("unavailable", "API keys cannot be checked now.", { retryAfter: 5, cause: error });
  }
  if (found === null) unknown.set(id, true, now);
  else known.set(id, { key: found, doubtedAt: doubted ? now.getTime() : 0 }, now);
  return found;
}

/** Why a key is refused, for the log alone; null for a good one. */
function fault(key: KnownApiKey | null, hash: string, now: number): string | null {
  if (key === null) return "unknown";
  const which = ofWhich(key, hash);
  if (which === null) return "wrong_secret";
  if (key.state !== "active") return key.state;
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return "expired";
  return which === "previous" && key.previous !== null && Date.parse(key.previous.until) <= now
    ? "rolled"
    : null;
}

/**
 * The actor of an API key: its owner, with the key's id and scopes. What `auth` says of a key is kept in this isolate for 10 s at most,
 * so that within that time it is refused everywhere once it was revoked or its owner's account is not active any more.
 * @throws AppError unauthorized; unavailable when `auth` is silent
 */
export async function verifyApiKey(context: Context<Env>, text: string): Promise<Actor> {
  const read = readApiKey(text);
  if (read === null) throw refused();
  const key = await find(context, read.id, read.hash);
  const reason = fault(key, read.hash, context.now().getTime());
  if (key === null || reason !== null) {
    context.log.warn("API key refused", { keyId: read.id, reason });
    throw refused();
  }
  const { userId, email, role, scopes } = key;
  return { userId, email, role, sessionId: read.id, apiKeyId: read.id, scopes };
}
