import { exports } from "cloudflare:workers";
import { sessions } from "@souk/db/schema/auth";
import { EVENTS } from "@souk/kit/events";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  actorHeader,
  contextAt,
  loggedIn,
  openedSession,
  owner,
  PASSWORD,
  post,
  sessionEventsOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { later } from "../limits.ts";
import { SessionPage, Tokens } from "../session-schemas.ts";
import { readRevokedSessions } from "../services/read-revoked-sessions.ts";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0";
const CHROME =
  "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0 Safari/537.36";

const from = async (email: string, userAgent: string, ip: string) =>
  Tokens.parse(
    await (
      await post("login", { email, password: PASSWORD }, { "user-agent": userAgent, "cf-connecting-ip": ip })
    ).json(),
  );
const send = (method: string, path: string, headers: Record<string, string>) =>
  exports.default.fetch(`https://souk.test/api/v1/auth/sessions${path}`, { method, headers });
const call = (method: string, path: string, { accessToken }: Tokens) =>
  send(method, path, actorHeader(accessToken));
const page = async (query: string, headers: Record<string, string>) =>
  SessionPage.parse(await (await send("GET", query, headers)).json());
const list = ({ accessToken }: Tokens) => page("", actorHeader(accessToken));
const idOf = async (who: Tokens) => (await list(who)).items.find(({ current }) => current)?.id ?? "";
const refreshed = async ({ refreshToken }: Tokens) => (await post("refresh", { refreshToken })).status;
const revoked = () => readRevokedSessions(contextAt());

describe("the list of sessions", () => {
  it("shows one's own, newest first, with device, address and times, and which one asks", async () => {
    const [{ email }, other] = await Promise.all([storedUser(), storedUser()]);
    await loggedIn(other.email);
    const laptop = await from(email, FIREFOX, "192.0.2.7");
    const phone = await from(email, CHROME, "2001:db8::1");
    const { items, nextCursor } = await list(phone);
    expect(nextCursor).toBeNull();
    expect(items).toMatchObject([
      { device: "Chrome on Windows", userAgent: CHROME, address: "2001:db8::1", current: true },
      { device: "Firefox on Linux", userAgent: FIREFOX, address: "192.0.2.7", current: false },
    ]);
    expect(items[0]?.lastSeenAt).toBe(items[0]?.createdAt);
    expect((await list(laptop)).items.map(({ current }) => current)).toEqual([false, true]);
  });

  it("comes page by page, without those that have ended", async () => {
    const person = await storedUser();
    const [first, gone, ...others] = await twenty(() => openedSession(person));
    if (!first || !gone) throw new Error("twenty were expected");
    await post("logout", {}, gone.headers);
    const newest = await page("?limit=15", first.headers);
    const rest = await page(`?limit=15&cursor=${newest.nextCursor}`, first.headers);
    expect(rest.nextCursor).toBeNull();
    expect([...newest.items, ...rest.items].map((item) => item.id)).toEqual(
      [first, ...others]
        .map(({ sessionId }) => String(sessionId))
        .toSorted()
        .toReversed(),
    );
  });
});

describe("ending sessions", () => {
  it("ends the one that was named, for the gateway too, and tells of it", async () => {
    const { id, email } = await storedUser();
    const [here, there] = [await loggedIn(email), await loggedIn(email)];
    const target = await idOf(there);
    expect((await call("DELETE", `/${target}`, here)).status).toBe(204);
    expect((await call("DELETE", `/${target}`, here)).status).toBe(204);
    expect([await refreshed(here), await refreshed(there)]).toEqual([200, 401]);
    expect(await revoked()).toContain(target);
    expect((await sessionEventsOf(id)).map(({ type }) => type)).toEqual([
      "session.opened",
      "session.opened",
      "session.revoked",
    ]);
  });

  it("of another is 404 and ends nothing", async () => {
    const [mine, theirs] = await Promise.all([storedUser(), storedUser()]);
    const [me, them] = [await loggedIn(mine.email), await loggedIn(theirs.email)];
    expect((await call("DELETE", `/${await idOf(them)}`, me)).status).toBe(404);
    expect((await call("DELETE", `/${contextAt().newId()}`, me)).status).toBe(404);
    expect((await call("DELETE", "", me)).status).toBe(204);
    expect(await refreshed(them)).toBe(200);
  });

  it("ends the others, or all", async () => {
    const { email } = await storedUser();
    const devices = [await loggedIn(email), await loggedIn(email), await loggedIn(email)] as const;
    expect((await call("DELETE", "?keep=current", devices[0])).status).toBe(204);
    expect(await Promise.all(devices.map(refreshed))).toEqual([200, 401, 401]);
    expect((await call("DELETE", "?keep=others", devices[0])).status).toBe(400);
    expect((await call("DELETE", "", devices[0])).status).toBe(204);
    expect(await refreshed(devices[0])).toBe(401);
  });

  it("by twenty at once ends each once", async () => {
    const person = await storedUser();
    const { id } = person;
    const devices = await twenty(() => openedSession(person));
    const answers = await Promise.all(
      devices.map(({ headers }, index) =>
        send("DELETE", index % 2 === 0 ? `/${devices[index % 3]?.sessionId}` : "?keep=current", headers),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    const rows = await owner.select().from(sessions).where(eq(sessions.userId, id));
    const told = (await sessionEventsOf(id)).filter(({ type }) => type === "session.revoked");
    const ids = told.map(({ data }) => EVENTS["session.revoked"].data.parse(data).sessionId);
    expect(ids.toSorted()).toEqual(
      rows
        .filter(({ revokedAt }) => revokedAt !== null)
        .map((row) => row.id)
        .toSorted(),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ["a log-out", (who: Tokens) => post("logout", {}, actorHeader(who.accessToken))],
    [
      "a changed password",
      async (who: Tokens) => {
        const other = await loggedIn(who.user.email);
        const change = { currentPassword: PASSWORD, newPassword: `${PASSWORD}2` };
        return post("change-password", change, actorHeader(other.accessToken));
      },
    ],
    [
      "a replayed refresh token",
      async (who: Tokens) => {
        const second = Tokens.parse(await (await post("refresh", { refreshToken: who.refreshToken })).json());
        await post("refresh", { refreshToken: second.refreshToken });
        const before = later(new Date(), -60);
        await owner.update(sessions).set({ refreshedAt: before }).where(eq(sessions.userId, who.user.id));
        return post("refresh", { refreshToken: who.refreshToken });
      },
    ],
  ])("by %s reaches the gateway and the sockets", async (_, end) => {
    const { id, email } = await storedUser();
    const session = await loggedIn(email);
    const target = await idOf(session);
    await end(session);
    expect(await revoked()).toContain(target);
    expect(await sessionEventsOf(id)).toContainEqual({
      type: "session.revoked",
      data: { userId: id, sessionId: target, reason: expect.any(String) },
    });
  });

  it("is kept for the gateway as long as an access token may live", async () => {
    const { email } = await storedUser();
    const session = await loggedIn(email);
    const target = await idOf(session);
    await post("logout", {}, actorHeader(session.accessToken));
    const at = (seconds: number) => readRevokedSessions(contextAt(() => later(new Date(), seconds)));
    expect(await at(3600)).toContain(target);
    expect(await at(3700)).not.toContain(target);
  });
});

describe("a new device", () => {
  it.each([
    ["the first log-in", [], [FIREFOX, "192.0.2.7"], false],
    ["the same device at home", [[FIREFOX, "192.0.2.7"]], [FIREFOX, "192.0.2.200"], false],
    [
      "the same device with a new version",
      [[FIREFOX, "192.0.2.7"]],
      [FIREFOX.replaceAll("146", "147"), "192.0.2.7"],
      false,
    ],
    ["another browser", [[FIREFOX, "192.0.2.7"]], [CHROME, "192.0.2.7"], true],
    ["the same device in another network", [[FIREFOX, "192.0.2.7"]], [FIREFOX, "198.51.100.7"], true],
    ["the same IPv6 network", [[FIREFOX, "2001:db8:1::1"]], [FIREFOX, "2001:db8:1:2::9"], false],
    ["IPv6 after IPv4", [[FIREFOX, "192.0.2.7"]], [FIREFOX, "2001:db8::1"], true],
    [
      "the device before the last",
      [
        [FIREFOX, "192.0.2.7"],
        [CHROME, "192.0.2.7"],
      ],
      [FIREFOX, "192.0.2.7"],
      false,
    ],
  ] as const)("%s", async (_, before, [userAgent, ip], newDevice) => {
    const person = await storedUser();
    for (const [agent, address] of before) await openedSession(person, { userAgent: agent, ip: address });
    await openedSession(person, { userAgent, ip });
    const told = await sessionEventsOf(person.id);
    expect(told.at(-1)?.data).toMatchObject({ userId: person.id, newDevice });
    expect(JSON.stringify(told)).not.toContain(ip);
  });
});
