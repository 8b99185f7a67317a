import { exports } from "cloudflare:workers";
import { sessions, users } from "@souk/db/schema/auth";
import { log } from "@souk/db/schema/events";
import type { Role } from "@souk/kit/actor";
import { EVENTS } from "@souk/kit/events";
import { and, eq, isNull, like } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  contextAt,
  eventsOf,
  headerOf,
  loggedIn,
  login,
  openedSession,
  owner,
  post,
  problemOf,
  sessionEventsOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { later } from "../limits.ts";
import { Ban } from "../schemas.ts";
import { logIn } from "../services/log-in.ts";

/** Calls the ban of an account, as an admin unless another role is named. */
const call = (method: string, id: string, body?: unknown, role: Role = "admin") => {
  const caller = { id: contextAt().newId(), email: "admin@example.com" };
  return exports.default.fetch(`https://souk.test/api/v1/auth/users/${id}/ban`, {
    method,
    headers: { "content-type": "application/json", ...headerOf(caller, caller.id, role) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
};
const alive = (userId: string) =>
  owner
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)));
const SPAM = { reason: "Spam" };

describe("a ban", () => {
  it("ends all sessions, blocks log-in and refresh, and says why to the owner alone", async () => {
    const { id, email } = await storedUser();
    const { refreshToken } = await loggedIn(email);
    const answer = await call("PUT", id, SPAM);
    expect(await answer.json()).toMatchObject({ userId: id, reason: "Spam", expiresAt: null });
    expect(await alive(id)).toEqual([]);
    expect(await problemOf(await post("refresh", { refreshToken }))).toMatchObject({
      code: "invalid_refresh_token",
    });
    const refused = await login(email);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      code: "account_banned",
      detail: "This account is banned for good: Spam",
    });
    expect(await problemOf(await login(email, "Wrong-horse-1"))).toMatchObject({
      code: "invalid_credentials",
    });
    expect(await eventsOf(id)).toEqual(["user.banned"]);
    expect((await sessionEventsOf(id)).at(-1)).toMatchObject({
      type: "session.revoked",
      data: { reason: "ban" },
    });
  });

  it("blocks refresh also where a session was left alive", async () => {
    const { id, email } = await storedUser();
    const { refreshToken } = await loggedIn(email);
    await owner.update(users).set({ bannedAt: new Date(), banReason: "Spam" }).where(eq(users.id, id));
    expect((await post("refresh", { refreshToken })).status).toBe(401);
    await owner.update(users).set({ bannedAt: null, banReason: null }).where(eq(users.id, id));
    expect((await post("refresh", { refreshToken })).status).toBe(200);
  });

  it("is over when it expires, or is lifted", async () => {
    const person = await storedUser();
    const expiresAt = later(new Date(), 3600);
    expect((await call("PUT", person.id, { ...SPAM, expiresAt: expiresAt.toISOString() })).status).toBe(200);
    expect((await login(person.email)).status).toBe(403);
    const password = "Correct-horse-1";
    const input = { email: person.email, password };
    const at = (seconds: number) =>
      logIn(
        contextAt(() => later(expiresAt, seconds)),
        input,
        { userAgent: null, ip: null },
      );
    await expect(at(-1)).rejects.toMatchObject({ code: "account_banned" });
    expect(await at(0)).toMatchObject({ user: { id: person.id } });
    for (let time = 0; time < 2; time++) expect((await call("DELETE", person.id)).status).toBe(204);
    expect((await login(person.email)).status).toBe(200);
    expect((await eventsOf(person.id)).filter((type) => type === "user.unbanned")).toHaveLength(1);
  });

  it("is told of with the one before it, and with its end, of several at once too", async () => {
    const { id } = await storedUser();
    const expiresAt = later(new Date(), 3600).toISOString();
    const first = Ban.parse(await (await call("PUT", id, { ...SPAM, expiresAt })).json());
    const second = Ban.parse(await (await call("PUT", id, SPAM)).json());
    await twenty(() => call("DELETE", id));
    const told = await owner
      .select({ type: log.type, data: log.data })
      .from(log)
      .where(and(eq(log.aggregateId, id), like(log.type, "user.%")))
      .orderBy(log.id);
    const wholly = told.map(({ type, data }) => {
      const event = z.enum(["user.banned", "user.unbanned"]).parse(type);
      return { type, ...EVENTS[event].data.parse(data) };
    });
    expect(wholly).toMatchObject([
      { type: "user.banned", until: expiresAt, before: null },
      { type: "user.banned", until: null, before: { since: first.bannedAt, until: expiresAt } },
      { type: "user.unbanned", before: { since: second.bannedAt, until: null } },
    ]);
  });

  it("leaves no session of log-ins that came at the same time", async () => {
    const person = await storedUser();
    await twenty<unknown>((index) => (index === 5 ? call("PUT", person.id, SPAM) : openedSession(person)));
    expect(await alive(person.id)).toEqual([]);
  });

  it("is for admins to make, and not of an admin; nobody's is 404", async () => {
    const eve = await storedUser({ role: "admin" });
    for (const method of ["PUT", "DELETE"]) {
      const body = method === "PUT" ? SPAM : undefined;
      expect((await call(method, eve.id, body, "moderator")).status).toBe(403);
      expect((await call(method, contextAt().newId(), body)).status).toBe(404);
    }
    expect(await problemOf(await call("PUT", eve.id, SPAM))).toEqual({ status: 409, code: "conflict" });
    expect(await owner.select().from(users).where(eq(users.id, eve.id))).toMatchObject([{ bannedAt: null }]);
  });

  it.each([
    {},
    { reason: "" },
    { reason: " " },
    { reason: "a\nb" },
    { ...SPAM, expiresAt: "2020-01-01T00:00:00Z" },
    { ...SPAM, expiresAt: "tomorrow" },
    { ...SPAM, extra: 1 },
  ])("%j is refused", async (body) => {
    const { id } = await storedUser();
    expect(await problemOf(await call("PUT", id, body))).toEqual({ status: 400, code: "validation_failed" });
  });
});
