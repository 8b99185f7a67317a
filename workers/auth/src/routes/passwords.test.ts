import { mailRequests, sessions, tokens, users } from "@souk/db/schema/auth";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  linkToken,
  loggedIn,
  login,
  newAddress,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { later } from "../limits.ts";

const NEW = "Battery-staple-2";
const open = async (userId: string) =>
  (await owner.select().from(sessions).where(eq(sessions.userId, userId))).filter(
    ({ revokedAt }) => revokedAt === null,
  );

describe("forgot password", () => {
  it("answers alike for every address and asks for one mail a minute", async () => {
    const { id, email } = await storedUser();
    for (const address of [email, newAddress()]) {
      const answer = await post("forgot-password", { email: address });
      expect([answer.status, await answer.json()]).toEqual([202, { accepted: true }]);
    }
    await twenty(() => post("forgot-password", { email }));
    expect(await eventsOf(id)).toEqual(["password.reset_requested"]);
    await owner
      .update(mailRequests)
      .set({ requestedAt: sql`now() - interval '61 seconds'` })
      .where(eq(mailRequests.userId, id));
    await post("forgot-password", { email });
    expect(await eventsOf(id)).toEqual(["password.reset_requested", "password.reset_requested"]);
  });
});

describe("reset password", () => {
  it("sets the password, ends all sessions, and works once", async () => {
    const { id, email } = await storedUser();
    const before = await loggedIn(email);
    await loggedIn(email);
    const [token, other] = [await linkToken(id, "reset_password"), await linkToken(id, "reset_password")];
    expect(await (await post("reset-password", { token, password: NEW })).json()).toEqual({ changed: true });
    expect(await open(id)).toEqual([]);
    expect(await problemOf(await post("refresh", { refreshToken: before.refreshToken }))).toMatchObject({
      status: 401,
    });
    expect((await login(email)).status).toBe(401);
    expect((await login(email, NEW)).status).toBe(200);
    for (const used of [token, other]) {
      expect(await problemOf(await post("reset-password", { token: used, password: PASSWORD }))).toEqual({
        status: 400,
        code: "invalid_link",
      });
    }
    expect(await open(id)).toHaveLength(1);
    expect(await eventsOf(id)).toEqual(["password.changed"]);
  });

  it("verifies a pending address, since the mail reached it", async () => {
    const { id, email } = await storedUser({ status: "pending" });
    await post("reset-password", { token: await linkToken(id, "reset_password"), password: NEW });
    expect((await login(email, NEW)).status).toBe(200);
    expect((await eventsOf(id)).toSorted()).toEqual(["password.changed", "user.verified"]);
  });

  it("refuses expired and foreign tokens", async () => {
    const { id } = await storedUser({ status: "pending" });
    const expired = await linkToken(
      id,
      "reset_password",
      contextAt(() => later(new Date(), -3601)),
    );
    for (const token of [expired, await linkToken(id, "verify_email"), "x"]) {
      expect(await problemOf(await post("reset-password", { token, password: NEW }))).toEqual({
        status: 400,
        code: "invalid_link",
      });
    }
  });

  it("lets one of 20 win", { timeout: 60_000 }, async () => {
    const { id, email } = await storedUser();
    const token = await linkToken(id, "reset_password");
    const answers = await twenty((index) => post("reset-password", { token, password: `${NEW}-${index}` }));
    const winners = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
    expect((await login(email, `${NEW}-${winners[0]}`)).status).toBe(200);
    expect(await eventsOf(id)).toEqual(["password.changed"]);
  });

  it("lets one of 5 different links win, without a deadlock", async () => {
    const { id } = await storedUser();
    const links = await Promise.all(Array.from({ length: 5 }, () => linkToken(id, "reset_password")));
    const answers = await Promise.all(links.map((token) => post("reset-password", { token, password: NEW })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(4);
  });

  it("leaves no session of the old password, however log-ins and the reset interleave", async () => {
    const { id, email } = await storedUser();
    const token = await linkToken(id, "reset_password");
    const logins = Array.from({ length: 8 }, () => login(email));
    await Promise.all([...logins, post("reset-password", { token, password: NEW })]);
    expect(await open(id)).toEqual([]);
  });

  it("stores only the hash of a token", async () => {
    const { id } = await storedUser();
    const token = await linkToken(id, "reset_password");
    const [row] = await owner.select().from(tokens).where(eq(tokens.userId, id));
    expect(JSON.stringify(row)).not.toContain(token);
    expect(token).toMatch(/^[\w-]{43}$/);
  });
});

describe("change password", () => {
  it("ends the other sessions and keeps this one", async () => {
    const { id, email } = await storedUser();
    const other = await loggedIn(email);
    const mine = await loggedIn(email);
    const mailed = await linkToken(id, "reset_password");
    const body = { currentPassword: PASSWORD, newPassword: NEW };
    expect((await post("change-password", body, actorHeader(mine.accessToken))).status).toBe(200);
    expect((await post("refresh", { refreshToken: mine.refreshToken })).status).toBe(200);
    expect((await post("refresh", { refreshToken: other.refreshToken })).status).toBe(401);
    expect((await login(email)).status).toBe(401);
    expect((await login(email, NEW)).status).toBe(200);
    expect((await post("reset-password", { token: mailed, password: PASSWORD })).status).toBe(400);
    expect(await eventsOf(id)).toEqual(["password.changed"]);
    expect(
      (await post("change-password", { ...body, currentPassword: NEW }, actorHeader(other.accessToken)))
        .status,
    ).toBe(401);
  });

  it("refuses a wrong current password as a validation error", async () => {
    const { id, email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    const answer = await post(
      "change-password",
      { currentPassword: "Wrong-horse-1", newPassword: NEW },
      actorHeader(accessToken),
    );
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: "validation_failed", details: [{ field: "currentPassword", message: "is wrong" }] },
    ]);
    expect(await eventsOf(id)).toEqual([]);
  });

  it("lets one of several changes at once win", async () => {
    const { id, email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    const change = (index: number) =>
      post(
        "change-password",
        { currentPassword: PASSWORD, newPassword: `${NEW}-${index}` },
        actorHeader(accessToken),
      );
    const answers = await Promise.all([0, 1, 2, 3].map(change));
    const won = answers.findIndex(({ status }) => status === 200);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await login(email, `${NEW}-${won}`)).status).toBe(200);
    expect(await eventsOf(id)).toEqual(["password.changed"]);
    const [user] = await owner.select().from(users).where(eq(users.id, id));
    expect(user?.passwordVersion).toBe(2);
  });
});
