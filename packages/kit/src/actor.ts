import { z } from "zod";

export const ROLES = ["user", "premium", "provider", "moderator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who a request acts for, as the gateway verified it. */
export const Actor = z.object({
  userId: z.uuid(),
  email: z.string(),
  role: z.enum(ROLES),
  /** Of an API key its own id, by which no session is found. */
  sessionId: z.uuid(),
  /** The assurance level: 2 when a second factor was proved lately, else 1 or not there. */
  aal: z.literal([1, 2]).optional(),
  /** The admin who acts as the person. */
  impersonatedBy: z.uuid().optional(),
  /** Where an API key acts for the person: which one, and what it may do (`@souk/kit/permissions`). */
  apiKeyId: z.uuid().optional(),
  scopes: z.array(z.string()).optional(),
});
export type Actor = Readonly<z.infer<typeof Actor>>;

/** The header by which the gateway hands a verified identity to a domain Worker. It is deleted from every request from outside. */
export const ACTOR_HEADER = "x-souk-actor";

const encoded = new WeakMap<Actor, string>();

/** Kept beside the actor, since the gateway keeps actors. */
export function encodeActor(actor: Actor): string {
  const known = encoded.get(actor);
  if (known !== undefined) return known;
  const text = encodeURIComponent(JSON.stringify(actor));
  encoded.set(actor, text);
  return text;
}

const decoded = new Map<string, Actor>();
const MAX_DECODED = 1_000;

/**
 * The actor of a request that came over a service binding, or null for a stranger. The same person's next request has the same header.
 * @throws ZodError or SyntaxError when the header is not one that the gateway wrote
 */
export function actorOf(headers: Headers): Actor | null {
  const header = headers.get(ACTOR_HEADER);
  if (header === null) return null;
  const known = decoded.get(header);
  if (known !== undefined) return known;
  const actor = Actor.parse(JSON.parse(decodeURIComponent(header)));
  if (decoded.size >= MAX_DECODED) decoded.clear();
  decoded.set(header, actor);
  return actor;
}
