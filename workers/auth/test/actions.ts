import { env, exports } from "cloudflare:workers";
import { log } from "@souk/db/schema/events";
import { users } from "@souk/db/schema/auth";
import { ACTOR_HEADER, encodeActor, ROLES, type Role } from "@souk/kit/actor";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { and, eq, like, sql } from "drizzle-orm";
import type { LinkPurpose } from "@souk/kit/rpc";
import { decodeJwt } from "jose";
import { z } from "zod";
import { ownerDatabase } from "../../../test/owner-database.ts";
import { Env } from "../src/env.ts";
import { Tokens, type Device } from "../src/session-schemas.ts";
import { mintLink } from "../src/services/mint-link.ts";
import { openSession } from "../src/services/open-session.ts";
import { hashPassword } from "../src/services/hash-password.ts";

export const PASSWORD = "Correct-horse-1";
export const owner = ownerDatabase();

/** A context whose clock stands where the test puts it. */
export const contextAt = (now: () => Date = () => new Date(), overrides: object = {}): Context<Env> =>
  createContext(parseEnv(Env, { ...env, ...overrides }), { service: "auth", waitUntil: () => {}, now });

export const newAddress = (): string => `${crypto.randomUUID()}@example.com`;

export const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  exports.default.fetch(`https://souk.test/api/v1/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

export const problemOf = async (response: Response): Promise<{ status: number; code: string }> => {
  const { code } = z.object({ code: z.string() }).parse(await response.json());
  return { status: response.status, code };
};

const Claims = z.object({
  sub: z.uuid(),
  email: z.string(),
  role: z.enum(ROLES),
  sid: z.uuid(),
  aal: z.literal([1, 2]),
});

/** The header that the gateway sets for the holder of an access token. */
export function actorHeader(accessToken: string): Record<string, string> {
  const { sub, email, role, sid, aal } = Claims.parse(decodeJwt(accessToken));
  return { [ACTOR_HEADER]: encodeActor({ userId: sub, email, role, sessionId: sid, aal }) };
}

const passwordHash = hashPassword(PASSWORD);

/** A stored account, by default active with PASSWORD. */
export async function storedUser(values: Partial<typeof users.$inferInsert> = {}) {
  const context = contextAt();
  const row = {
    id: context.newId(),
    email: newAddress(),
    passwordHash: await passwordHash,
    firstName: "Ada",
    lastName: "Lovelace",
    status: "active" as const,
    verifiedAt: values.status === "pending" ? null : new Date(),
    ...values,
  };
  await owner.insert(users).values(row);
  return row;
}

export const login = (email: string, password = PASSWORD): Promise<Response> =>
  post("login", { email, password });

export async function loggedIn(email: string, password = PASSWORD): Promise<Tokens> {
  return Tokens.parse(await (await login(email, password)).json());
}

/** The header that the gateway sets for somebody's session. */
export const headerOf = (
  { id, email }: { id: string; email: string },
  sessionId: string,
  role: Role = "user",
): Record<string, string> => ({ [ACTOR_HEADER]: encodeActor({ userId: id, email, role, sessionId }) });

/** A session as a log-in opens it, without the cost of a password. */
export async function openedSession(
  user: { id: string; email: string; role?: Role | undefined },
  device: Device = { userAgent: null, ip: null },
) {
  const sessionId = await openSession(contextAt(), {
    userId: user.id,
    role: user.role ?? "user",
    passwordVersion: 1,
    newHash: null,
    device,
  });
  return { sessionId, headers: headerOf(user, sessionId ?? user.id) };
}

/** The token of a link as it would be mailed. */
export async function linkToken(
  userId: string,
  purpose: LinkPurpose,
  context = contextAt(),
): Promise<string> {
  const link = await mintLink(context, userId, purpose);
  return new URL(link?.url ?? "").hash.replace("#token=", "");
}

/** The types of the events about an account, in order. */
export async function eventsOf(userId: string): Promise<string[]> {
  const rows = await owner
    .select({ type: log.type })
    .from(log)
    .where(eq(log.aggregateId, userId))
    .orderBy(log.id);
  return rows.map(({ type }) => type);
}

/** The events about a person's sessions, in order. */
export const sessionEventsOf = (userId: string) =>
  owner
    .select({ type: log.type, data: log.data })
    .from(log)
    .where(and(like(log.type, "session.%"), eq(sql`${log.data}->>'userId'`, userId)))
    .orderBy(log.id);

export const twenty = <T>(work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 20 }, (_, index) => work(index)));
