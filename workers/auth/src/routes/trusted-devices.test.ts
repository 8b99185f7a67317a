import { trustedDevices } from "@souk/db/schema/auth-second-factor";
import { uuidv7 } from "@souk/kit/ids";
import { eq } from "drizzle-orm";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { actorHeader, linkToken, owner, PASSWORD, post, storedUser, loggedIn } from "../../test/actions.ts";
import { ask, challengeOf, codeOf, protectedUser } from "../../test/second-factor.ts";
import { LoggedIn, TokensWithDevice, TrustedDevices } from "../second-factor-schemas.ts";

const by = { "user-agent": "Souk/1", "cf-connecting-ip": "203.0.113.50" };

async function trusting() {
  const user = await protectedUser();
  const body = { challenge: await challengeOf(user.email), code: await codeOf(user.id), trustDevice: true };
  const { deviceToken = "" } = TokensWithDevice.parse(
    await (await post("login/second-factor", body, by)).json(),
  );
  return { ...user, deviceToken };
}
const logInWith = async (email: string, deviceToken: string, password = PASSWORD) =>
  LoggedIn.parse(await (await post("login", { email, password, deviceToken }, by)).json());
const listOf = async (headers: Record<string, string>) =>
  TrustedDevices.parse(await (await ask("GET", "trusted-devices", headers)).json()).items;

describe("a trusted device", () => {
  it("is asked for no code; its session is of level 1", async () => {
    const { id, email, deviceToken, headers } = await trusting();
    expect(deviceToken).toMatch(/^[\w.-]{100,}$/);
    const answer = await logInWith(email, deviceToken);
    if (!("accessToken" in answer)) throw new Error("a challenge came");
    expect(decodeJwt(answer.accessToken)["aal"]).toBe(1);
    expect(await listOf(headers)).toMatchObject([{ userAgent: "Souk/1", ip: "203.0.113.50" }]);
    const stored = await owner.select().from(trustedDevices).where(eq(trustedDevices.userId, id));
    expect(JSON.stringify(stored)).not.toContain(deviceToken);
    const days = stored.map(
      ({ createdAt, expiresAt }) => (Number(expiresAt) - Number(createdAt)) / 86_400_000,
    );
    expect(days).toEqual([30]);
  });

  it("is asked again when its token is unknown, another's, expired or forgotten", async () => {
    const [mine, theirs] = [await trusting(), await trusting()];
    expect(await logInWith(mine.email, "x")).toHaveProperty("challenge");
    expect(await logInWith(mine.email, theirs.deviceToken)).toHaveProperty("challenge");
    const [device] = await listOf(mine.headers);
    const path = `trusted-devices/${device?.id ?? ""}`;
    expect((await ask("DELETE", path, theirs.headers)).status).toBe(404);
    expect((await ask("DELETE", "trusted-devices/x", mine.headers)).status).toBe(400);
    expect(await logInWith(mine.email, mine.deviceToken)).toHaveProperty("accessToken");
    expect((await ask("DELETE", path, mine.headers)).status).toBe(204);
    expect((await ask("DELETE", path, mine.headers)).status).toBe(404);
    expect(await logInWith(mine.email, mine.deviceToken)).toHaveProperty("challenge");
    await owner
      .update(trustedDevices)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(trustedDevices.userId, theirs.id));
    expect(await logInWith(theirs.email, theirs.deviceToken)).toHaveProperty("challenge");
    expect(await listOf(theirs.headers)).toEqual([]);
  });

  it("is asked again after a password reset", async () => {
    const { id, email, deviceToken, headers } = await trusting();
    await post("reset-password", {
      token: await linkToken(id, "reset_password"),
      password: "Better-horse-2",
    });
    expect(await logInWith(email, deviceToken, "Better-horse-2")).toHaveProperty("challenge");
    expect(await listOf(headers)).toEqual([]);
  });

  it("is one of a list that is read page by page, the newest first", async () => {
    const { id, headers } = await trusting();
    const [known] = await owner.select().from(trustedDevices).where(eq(trustedDevices.userId, id));
    if (known === undefined) throw new Error("no device is stored");
    // All trusted in the same millisecond, so that the order is by id alone.
    const more = Array.from({ length: 104 }, (_, n) => ({
      ...known,
      id: uuidv7(new Date(Date.now() + n)),
      hash: crypto.randomUUID(),
    }));
    await owner.insert(trustedDevices).values(more);
    const pages: string[][] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const path = `trusted-devices?limit=50${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const page = TrustedDevices.parse(await (await ask("GET", path, headers)).json());
      pages.push(page.items.map((device) => device.id));
      cursor = page.nextCursor;
    }
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 5]);
    expect(pages.flat()).toEqual([...more.map((device) => device.id).toReversed(), known.id]);
    expect((await ask("GET", "trusted-devices?cursor=x", headers)).status).toBe(400);
  });

  it("means nothing to who has no second factor", async () => {
    const { email } = await storedUser();
    expect(await logInWith(email, "x")).toHaveProperty("accessToken");
    expect(await listOf(actorHeader((await loggedIn(email)).accessToken))).toEqual([]);
  });
});
