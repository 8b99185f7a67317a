import { sessions, users } from "@souk/db/schema/auth";
import { log } from "@souk/db/schema/events";
import type { Role } from "@souk/kit/actor";
import { and, eq, isNull } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  contextAt,
  newAddress,
  openedSession,
  owner,
  sessionEventsOf,
  storedUser,
} from "../../test/actions.ts";
import { grantRole } from "./grant-role.ts";

describe("grantRole", () => {
  it("changes the role and leaves an audit event", async () => {
    const { id, email } = await storedUser();
    const input = { email: ` ${email.toUpperCase()}`, role: "admin" as const, grantedBy: "operator" };
    expect(await grantRole(contextAt(), input)).toEqual({ userId: id });
    expect(await owner.select().from(users).where(eq(users.id, id))).toMatchObject([{ role: "admin" }]);
    const [event] = await owner.select().from(log).where(eq(log.aggregateId, id));
    expect(event).toMatchObject({
      type: "role.granted",
      data: { userId: id, role: "admin", grantedBy: "operator" },
    });
  });

  it("ends all sessions of who loses a permission, and none of who gains or keeps them", async () => {
    const user = await storedUser({ role: "moderator" });
    const grant = (role: Role) => grantRole(contextAt(), { email: user.email, role, grantedBy: "operator" });
    const live = async () =>
      owner.$count(sessions, and(eq(sessions.userId, user.id), isNull(sessions.revokedAt)));
    await openedSession({ ...user, role: "moderator" });
    for (const role of ["moderator", "admin"] as const) await grant(role);
    expect(await live()).toBe(1);
    await openedSession({ ...user, role: "admin" });
    await grant("premium");
    expect(await live()).toBe(0);
    expect((await sessionEventsOf(user.id)).slice(-2)).toMatchObject([
      { type: "session.revoked", data: { reason: "role_changed" } },
      { type: "session.revoked", data: { reason: "role_changed" } },
    ]);
    await openedSession({ ...user, role: "premium" });
    await grant("user");
    expect(await live()).toBe(0);
  });

  it("lets no log-in slip through beside it that was proved with the role before", async () => {
    const user = await storedUser({ role: "admin" });
    await Promise.all([
      ...Array.from({ length: 10 }, () => openedSession({ ...user, role: "admin" })),
      grantRole(contextAt(), { email: user.email, role: "user", grantedBy: "operator" }),
      ...Array.from({ length: 10 }, () => openedSession({ ...user, role: "admin" })),
    ]);
    expect(await owner.$count(sessions, and(eq(sessions.userId, user.id), isNull(sessions.revokedAt)))).toBe(
      0,
    );
  });

  it("knows no such address", async () => {
    const input = { email: newAddress(), role: "admin" as const, grantedBy: "operator" };
    await expect(grantRole(contextAt(), input)).rejects.toMatchObject({ code: "not_found" });
  });
});
