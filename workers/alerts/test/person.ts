import { exports } from "cloudflare:workers";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { uuidv7 } from "@souk/kit/ids";

/** A new person's requests to the Worker, as the gateway would forward them. */
export function person() {
  const userId = uuidv7(new Date());
  const actor = encodeActor({ userId, email: "ada@example.com", role: "user", sessionId: userId });
  const identity: [string, string] = [ACTOR_HEADER, actor];
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    exports.default.fetch(`https://souk.test/api/v1${path}`, {
      method,
      headers: { [ACTOR_HEADER]: actor, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return { userId, identity, call };
}
