import { exports } from "cloudflare:workers";
import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { readApiKey } from "@souk/kit/api-key";
import { eq } from "drizzle-orm";
import { ApiKeyWithSecret } from "../src/api-key-schemas.ts";
import { useApiKey } from "../src/services/use-api-key.ts";
import { contextAt, openedSession, owner, PASSWORD, post, storedUser } from "./actions.ts";
import { cheapenPassword } from "./life.ts";

const WANTED = { name: "price bot", scopes: ["alerts:read"], password: PASSWORD };

/** A person with a session, whose password takes little to compare. */
export async function keyOwner() {
  const user = await storedUser();
  await cheapenPassword(user.id);
  const { headers } = await openedSession(user);
  return { ...user, headers };
}

export const createKey = (headers: Record<string, string>, change: object = {}): Promise<Response> =>
  post("api-keys", { ...WANTED, ...change }, headers);

export const keyFrom = async (response: Response | Promise<Response>): Promise<ApiKeyWithSecret> =>
  ApiKeyWithSecret.parse(await (await response).json());

export const askKeys = (
  method: string,
  headers: Record<string, string>,
  id?: string,
  body?: object,
): Promise<Response> =>
  exports.default.fetch(`https://souk.test/api/v1/auth/api-keys${id === undefined ? "" : `/${id}`}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });

export const rollKey = (
  headers: Record<string, string>,
  id: string,
  overlapSeconds = 3600,
): Promise<Response> => askKeys("POST", headers, `${id}/roll`, { password: PASSWORD, overlapSeconds });

/** What the gateway is told of a key's text. */
export function judged(key: string, now?: () => Date) {
  const read = readApiKey(key);
  if (read === null) throw new Error("not an API key");
  return useApiKey(contextAt(now), read.id, read.hash);
}

export const rowOf = async (id: string) => (await owner.select().from(apiKeys).where(eq(apiKeys.id, id)))[0];
