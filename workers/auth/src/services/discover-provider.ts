import type { Context } from "@souk/kit/context";
import { MemoryCache } from "@souk/kit/memory-cache";
import { discoveryRequest, processDiscoveryResponse, type AuthorizationServer } from "oauth4webapi";
import { LIMITS } from "../limits.ts";
import { callOptions } from "./call-provider.ts";
import type { Provider } from "./find-provider.ts";

const KEPT_PROVIDERS = 50;

/** By issuer. oauth4webapi keeps a provider's keys with its metadata: 5 minutes, for an unknown key at least one. */
const known = new MemoryCache<AuthorizationServer>(LIMITS.provider.metadata * 1000, KEPT_PROVIDERS);

/** A provider's metadata by OpenID Connect Discovery. @throws Error when they cannot be had or name another issuer */
export async function discoverProvider(context: Context, provider: Provider): Promise<AuthorizationServer> {
  const now = context.now();
  const kept = known.get(provider.issuer, now);
  if (kept !== undefined) return kept;
  const issuer = new URL(provider.issuer);
  const response = await discoveryRequest(issuer, callOptions(context, provider));
  const metadata = await processDiscoveryResponse(issuer, response);
  known.set(provider.issuer, metadata, now);
  return metadata;
}
