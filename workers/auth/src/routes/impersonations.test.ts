import { sessions, users } from "@souk/db/schema/auth";
import { log } from "@souk/db/schema/events";
import { securityEvents } from "@souk/db/schema/auth-security-events";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { and, eq, isNull, sql, type SQL } from "drizzle-orm";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  contextAt,
  headerOf,
  openedSession,
  owner,
  post,
  problemOf,
  sessionEventsOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { inTransaction, untilBlocked } from "../../test/races.ts";
import { ask, protectedUser } from "../../test/second-factor.ts";
import { ImpersonationPage, ImpersonationStarted } from "../impersonation-schemas.ts";
import { later, LIMITS } from "../limits.ts";
import { SecurityEventPage } from "../security-event-schemas.ts";
import { SessionPage } from "../session-schemas.ts";
import { checkSession } from "../services/check-session.ts";
import { grantRole } from "../services/grant-role.ts";
import { signRefreshToken } from "../services/refresh-token.ts";

const REASON = "Ticket 4711: the cart is empty";

const Claims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  role: z.string(),
  aal: z.int(),
  iat: z.int(),
  exp: z.int(),
  act: z.strictObject({ sub: z.uuid() }),
});

async function newAdmin() {
  const admin = await storedUser({ role: "admin" });
  const { sessionId } = await openedSession({ ...admin, role: "admin" });
  return { ...admin, sessionId: sessionId ?? "", headers: headerOf(admin, sessionId ?? "", "admin") };
}
type Admin = Awaited<ReturnType<typeof newAdmin>>;

const start = (admin: Pick<Admin, "headers">, userId: string, reason = REASON) =>
  post(`users/${userId}/impersonations`, { reason }, admin.headers);

/** The token of an impersonation, and what the gateway makes of it. */
async function acting(admin: Admin, person: { id: string; email: string }) {
  const answer = await start(admin, person.id);
  expect(answer.status).toBe(201);
  const body: unknown = await answer.json();
  expect(body).not.toHaveProperty("refreshToken");
  const { id, accessToken } = ImpersonationStarted.parse(body);
  const actor = {
    userId: person.id,
    email: person.email,
    role: "user" as const,
    sessionId: id,
    impersonatedBy: admin.id,
  };
  return { id, accessToken, actor, headers: { [ACTOR_HEADER]: encodeActor(actor) } };
}
const verified = async (headers: Record<string, string>) => (await ask("GET", "verify", headers)).status;
const acts = (person: { id: string }) =>
  owner
    .select({ type: log.type, data: log.data, by: log.impersonatedBy })
    .from(log)
    .where(eq(log.aggregateId, person.id))
    .orderBy(log.id);

describe("an impersonation", () => {
  it("is a token of the person that names the admin, for an hour, without refresh", async () => {
    const [admin, ada] = [await newAdmin(), await storedUser()];
    const { id, accessToken, actor, headers } = await acting(admin, ada);
    const claims = Claims.parse(decodeJwt(accessToken));
    expect(claims).toMatchObject({ sub: ada.id, sid: id, role: "user", aal: 1, act: { sub: admin.id } });
    expect(claims.exp - claims.iat).toBeLessThanOrEqual(3600);
    expect(await verified(headers)).toBe(200);
    const refreshToken = signRefreshToken({ sessionId: id, counter: 0 }, contextAt().env.REFRESH_KEYS);
    expect((await post("refresh", { refreshToken })).status).toBe(401);
    const after = (seconds: number) => {
      const context = contextAt(() => later(new Date(), seconds));
      context.actor = actor;
      return checkSession(context);
    };
    await expect(after(3500)).resolves.toMatchObject({ valid: true });
    await expect(after(3601)).rejects.toMatchObject({ code: "unauthorized" });
  });

  it("is seen by the person and not by mail, and ends when they say so", async () => {
    const [admin, ada] = [await newAdmin(), await storedUser()];
    const { id, headers } = await acting(admin, ada);
    const own = await openedSession(ada);
    const items = async <S extends z.ZodType>(schema: S, path: string) =>
      schema.parse(await (await ask("GET", path, own.headers)).json());
    const listed = (await items(SessionPage, "sessions")).items;
    expect(listed.map((one) => [one.id, one.impersonated, one.address])).toEqual([
      [own.sessionId, false, null],
      [id, true, null],
    ]);
    expect((await items(SecurityEventPage, "security-events")).items).toMatchObject([
      { type: "session.opened", details: { newDevice: false } },
      { type: "impersonation.started", device: null, address: null, details: { sessionId: id } },
    ]);
    expect((await ask("DELETE", `sessions/${id}`, own.headers)).status).toBe(204);
    expect(await verified(headers)).toBe(401);
    expect(await verified(own.headers)).toBe(200);
    const about = { userId: ada.id, sessionId: id, impersonatedBy: admin.id };
    expect(await acts(ada)).toEqual([
      { type: "impersonation.started", data: about, by: null },
      { type: "impersonation.ended", data: { ...about, reason: "revoked" }, by: null },
    ]);
    // Only these are mailed.
    expect((await sessionEventsOf(ada.id)).filter(({ type }) => type === "session.opened")).toHaveLength(1);
  });

  it("is of admins, who have proved their second factor, with a reason", async () => {
    const ada = await storedUser();
    const admin = await newAdmin();
    const bob = await storedUser();
    const { headers } = await openedSession(bob);
    expect(await problemOf(await start({ headers }, ada.id))).toMatchObject({ status: 403 });
    for (const reason of ["too short", "x".repeat(501), "two\nlines, it says"])
      expect((await start(admin, ada.id, reason)).status).toBe(400);
    const secured = await protectedUser();
    await owner.update(users).set({ role: "admin" }).where(eq(users.id, secured.id));
    const sessionId = Claims.pick({ sid: true }).parse(decodeJwt(secured.tokens.accessToken)).sid;
    const of = (aal: 1 | 2) => ({
      headers: {
        [ACTOR_HEADER]: encodeActor({
          userId: secured.id,
          email: secured.email,
          role: "admin",
          sessionId,
          aal,
        }),
      },
    });
    expect(await problemOf(await start(of(1), ada.id))).toEqual({
      status: 403,
      code: "second_factor_required",
    });
    expect(await owner.$count(sessions, eq(sessions.userId, ada.id))).toBe(0);
    expect((await start(of(2), ada.id)).status).toBe(201);
    const gone = { headers: headerOf(admin, crypto.randomUUID(), "admin") };
    expect((await start(gone, ada.id)).status).toBe(401);
  });

  it.each<[string, Parameters<typeof storedUser>[0]]>([
    ["an admin", { role: "admin" }],
    ["a moderator", { role: "moderator" }],
    ["somebody banned", { bannedAt: new Date(), banReason: "Spam" }],
    ["somebody being erased", { status: "erasing", deleteAfter: new Date() }],
    ["somebody who left", { status: "deactivated" }],
    ["somebody not verified", { status: "pending" }],
  ])("is refused of %s", async (_, values) => {
    const [admin, person] = [await newAdmin(), await storedUser(values)];
    expect(await problemOf(await start(admin, person.id))).toEqual({ status: 409, code: "conflict" });
    expect((await start(admin, crypto.randomUUID())).status).toBe(404);
    expect(await owner.$count(sessions, eq(sessions.userId, person.id))).toBe(0);
    expect(await owner.$count(securityEvents, eq(securityEvents.userId, person.id))).toBe(0);
  });

  it("is one of any number at once, all of which end with the admin's role, and with no other's", async () => {
    const [admin, other, ada] = [await newAdmin(), await newAdmin(), await storedUser()];
    const all = await twenty(() => acting(admin, ada));
    const theirs = await acting(other, ada);
    const own = await openedSession(ada);
    const [late] = await Promise.all([
      start(admin, ada.id),
      grantRole(contextAt(), { email: admin.email, role: "user", grantedBy: "operator" }),
    ]);
    expect([201, 401]).toContain(late.status);
    const alive = await owner
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.userId, ada.id), isNull(sessions.revokedAt)));
    expect(new Set(alive.map(({ id }) => id))).toEqual(new Set([theirs.id, own.sessionId]));
    for (const { headers } of all.slice(0, 3)) expect(await verified(headers)).toBe(401);
    expect((await start(admin, ada.id)).status).toBe(401);
  });

  it("waits for another role and a ban that are on their way", async () => {
    const [admin, other, ada] = [await newAdmin(), await newAdmin(), await storedUser()];
    const during = async (by: Admin, change: SQL) => {
      const answers: Promise<Response>[] = [];
      await inTransaction(async (transaction) => {
        await transaction.execute(change);
        answers.push(start(by, ada.id));
        await untilBlocked();
      });
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    const demotion = sql`UPDATE ${users} SET role = 'user' WHERE id = ${admin.id}::uuid`;
    expect(await during(admin, demotion)).toEqual([401]);
    const ban = sql`UPDATE ${users} SET banned_at = now(), ban_reason = 'Spam' WHERE id = ${ada.id}::uuid`;
    expect(await during(other, ban)).toEqual([409]);
    expect(await owner.$count(sessions, eq(sessions.userId, ada.id))).toBe(0);
  });

  it("ends with the admin's session, by another admin, and by itself", async () => {
    const [admin, other, ada] = [await newAdmin(), await newAdmin(), await storedUser()];
    const [first, second, third] = [
      await acting(admin, ada),
      await acting(admin, ada),
      await acting(other, ada),
    ];
    expect((await post("logout", {}, first.headers)).status).toBe(204);
    expect([await verified(first.headers), await verified(second.headers)]).toEqual([401, 200]);
    for (let time = 0; time < 2; time++)
      expect((await ask("DELETE", `impersonations/${third.id}`, admin.headers)).status).toBe(204);
    expect((await ask("DELETE", `impersonations/${admin.sessionId}`, admin.headers)).status).toBe(404);
    expect(await verified(admin.headers)).toBe(200);
    expect(await verified(third.headers)).toBe(401);
    await post("logout", {}, admin.headers);
    expect(await verified(second.headers)).toBe(401);
    const answer = await ask("GET", "impersonations?limit=100", other.headers);
    const { items } = ImpersonationPage.parse(await answer.json());
    const ours = items.filter(({ userId }) => userId === ada.id);
    const common = { userId: ada.id, reason: REASON };
    expect(ours).toMatchObject([
      { id: third.id, ...common, impersonatedBy: other.id, endedReason: "revoked" },
      { id: second.id, ...common, impersonatedBy: admin.id, endedReason: "logout" },
      { id: first.id, ...common, impersonatedBy: admin.id, endedReason: "logout" },
    ]);
    expect(ours.map(({ startedAt, expiresAt }) => Date.parse(expiresAt) - Date.parse(startedAt))).toEqual(
      ours.map(() => LIMITS.accessToken * 1000),
    );
    // What it did names the admin.
    expect(
      (await acts(ada)).filter(({ type, by }) => type === "impersonation.ended" && by === admin.id),
    ).toHaveLength(1);
  });
});
