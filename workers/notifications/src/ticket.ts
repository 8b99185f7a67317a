import { z } from "zod";

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const hashOf = async (secret: string): Promise<string> =>
  base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))));

/** A new ticket, `userId.random` with 32 random bytes, and the hash of its secret part. */
export async function newTicket(userId: string): Promise<{ ticket: string; hash: string }> {
  const secret = base64Url(crypto.getRandomValues(new Uint8Array(32)));
  return { ticket: `${userId}.${secret}`, hash: await hashOf(secret) };
}

const Parts = z.tuple([z.uuid(), z.string().regex(/^[\w-]{43}$/)]);

/** Whose ticket it claims to be and the hash of its secret part; null when it is not of a ticket's form. */
export async function readTicket(ticket: string): Promise<{ userId: string; hash: string } | null> {
  const parts = Parts.safeParse(ticket.split("."));
  return parts.success ? { userId: parts.data[0], hash: await hashOf(parts.data[1]) } : null;
}
