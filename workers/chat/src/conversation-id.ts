import { stringify } from "uuid";

/** The id that a name always gives: a UUIDv8 (RFC 9562) of its SHA-256. */
async function idOf(name: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name)), 0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return stringify(hash);
}

/** The one conversation of two people, whoever begins it, and both at once too. */
export const directId = (one: string, other: string): Promise<string> =>
  idOf(`direct:${[one, other].toSorted().join(":")}`);

/** The group that a client made under an id of its own choice. */
export const groupId = (founderId: string, clientConversationId: string): Promise<string> =>
  idOf(`group:${founderId}:${clientConversationId}`);

/** The conversation about an object of another service. */
export const objectId = (type: string, id: string): Promise<string> => idOf(`object:${type}:${id}`);
