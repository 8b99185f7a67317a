import { exports } from "cloudflare:workers";
import { sessions } from "@souk/db/schema/auth";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { actorHeader, contextAt, loggedIn, owner, post, problemOf, storedUser } from "../../test/actions.ts";
import { later } from "../limits.ts";
import { checkSession } from "../services/check-session.ts";

const verify = (accessToken: string) =>
  exports.default.fetch("https://souk.test/api/v1/auth/verify", { headers: actorHeader(accessToken) });
const sessionsOf = (userId: string) => owner.select().from(sessions).where(eq(sessions.userId, userId));

describe("log out and verify", () => {
  it("ends this device's session and no other", async () => {
    const { id, email } = await storedUser();
    const phone = await loggedIn(email);
    const laptop = await loggedIn(email);
    expect(await (await verify(phone.accessToken)).json()).toMatchObject({
      valid: true,
      user: { id, email },
      session: {},
    });
    const headers = actorHeader(phone.accessToken);
    for (let time = 0; time < 2; time++) expect((await post("logout", {}, headers)).status).toBe(204);
    expect(await problemOf(await verify(phone.accessToken))).toEqual({ status: 401, code: "unauthorized" });
    expect(await problemOf(await post("refresh", { refreshToken: phone.refreshToken }))).toMatchObject({
      code: "invalid_refresh_token",
    });
    expect((await verify(laptop.accessToken)).status).toBe(200);
    expect((await post("refresh", { refreshToken: laptop.refreshToken })).status).toBe(200);
  });

  it("does not end or show another's session", async () => {
    const [mine, theirs] = await Promise.all([storedUser(), storedUser()]);
    const other = await loggedIn(theirs.email);
    const [session] = await sessionsOf(theirs.id);
    const actor = { userId: mine.id, email: mine.email, role: "user" as const, sessionId: session?.id ?? "" };
    const context = Object.assign(contextAt(), { actor });
    await expect(checkSession(context)).rejects.toMatchObject({ code: "unauthorized" });
    const forged = actorHeader(other.accessToken);
    const header = Object.keys(forged)[0] ?? "";
    await post("logout", {}, { [header]: encodeURIComponent(JSON.stringify(actor)) });
    expect((await verify(other.accessToken)).status).toBe(200);
  });

  it.each([
    ["a week without refresh", 7 * 24 * 3600],
    ["30 days", 30 * 24 * 3600],
  ])("a session is over after %s", async (_, seconds) => {
    const { id, email } = await storedUser();
    await loggedIn(email);
    const [session] = await sessionsOf(id);
    const actor = { userId: id, email, role: "user" as const, sessionId: session?.id ?? "" };
    const start = session?.createdAt ?? new Date(0);
    if (seconds > 7 * 24 * 3600) {
      await owner
        .update(sessions)
        .set({ refreshedAt: later(start, seconds - 60) })
        .where(eq(sessions.userId, id));
    }
    const alive = Object.assign(
      contextAt(() => later(start, seconds - 1)),
      { actor },
    );
    const over = Object.assign(
      contextAt(() => later(start, seconds)),
      { actor },
    );
    expect((await checkSession(alive)).valid).toBe(true);
    await expect(checkSession(over)).rejects.toMatchObject({ code: "unauthorized" });
  });

  it.each(["logout", "change-password"])("%s is for the logged-in alone", async (path) => {
    expect((await post(path, {})).status).toBe(401);
  });
});
