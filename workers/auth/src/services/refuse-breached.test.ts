import { env } from "cloudflare:workers";
import { users } from "@souk/db/schema/auth";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { z } from "zod";
import {
  actorHeader,
  contextAt,
  linkToken,
  loggedIn,
  login,
  newAddress,
  owner,
  PASSWORD,
  post,
  storedUser,
} from "../../test/actions.ts";
import { refuseBreached } from "./refuse-breached.ts";

const list = inject("breached");
Object.assign(env, { BREACHED_PASSWORDS_URL: list });
afterEach(() => {
  vi.restoreAllMocks();
});

const BREACHED = "Password1";
const NEW = "Battery-staple-2";

const refusalOf = async (answer: Response) => {
  const Problem = z.object({
    status: z.int(),
    code: z.string(),
    details: z.array(z.object({ field: z.string(), message: z.string() })),
  });
  return Problem.parse(await answer.json());
};
const refused = (field: string) => ({
  status: 400,
  code: "validation_failed",
  details: [{ field, message: expect.stringContaining("data breach") }],
});

/** What is asked of the list, outside of this machine's database. */
function watched() {
  const asked = vi.spyOn(globalThis, "fetch");
  return () =>
    asked.mock.calls
      .map(([url, init]) => ({
        url: url instanceof Request ? url.url : url.toString(),
        headers: new Headers(init?.headers),
        text: JSON.stringify(init),
      }))
      .filter(({ url }) => url.startsWith(list));
}

describe("a password that is known from a breach", () => {
  it("registers nobody, at a known and at an unknown address alike", async () => {
    const names = { firstName: "Ada", lastName: "Lovelace" };
    const { email } = await storedUser();
    const unknown = newAddress();
    for (const address of [email, unknown]) {
      const asked = watched();
      const answer = await post("register", { email: address, password: BREACHED, ...names });
      expect(await refusalOf(answer)).toEqual(refused("password"));
      expect(asked()).toHaveLength(1);
      vi.restoreAllMocks();
    }
    expect(await owner.$count(users, eq(users.email, unknown))).toBe(0);
    expect((await post("register", { email: unknown, password: NEW, ...names })).status).toBe(201);
  });

  it("is not what a password is changed to", async () => {
    const { email } = await storedUser();
    const headers = actorHeader((await loggedIn(email)).accessToken);
    const change = (newPassword: string, currentPassword = PASSWORD) =>
      post("change-password", { currentPassword, newPassword }, headers);
    const asked = watched();
    expect((await refusalOf(await change(BREACHED, "Wrong-horse-1"))).details[0]?.field).toBe(
      "currentPassword",
    );
    expect(asked()).toEqual([]);
    expect(await refusalOf(await change(BREACHED))).toEqual(refused("newPassword"));
    expect((await login(email)).status).toBe(200);
    expect((await change(NEW)).status).toBe(200);
  });

  it("is not what a password is reset to, and leaves the link good", async () => {
    const { id, email } = await storedUser();
    const token = await linkToken(id, "reset_password");
    const reset = (password: string) => post("reset-password", { token, password });
    expect(await refusalOf(await reset(BREACHED))).toEqual(refused("password"));
    expect((await reset(NEW)).status).toBe(200);
    expect((await login(email, NEW)).status).toBe(200);
  });
});

describe("the list of breached passwords", () => {
  it("is told five letters of the digest and nothing else, and asked to hide which", async () => {
    const asked = watched();
    await expect(refuseBreached(contextAt(), "password", BREACHED)).rejects.toThrow("validation_failed");
    const [call] = asked();
    // SHA-1 of "Password1", by `sha1sum`: 70CCD9007338D6D81DD3B6271621B9CF9A97EA00
    expect(call?.url).toBe(`${list}/range/70CCD`);
    expect(call?.headers.get("add-padding")).toBe("true");
    expect(call?.text).not.toMatch(/Password1|9007338D/i);
  });

  it("is answered by lines of nothing too: they are of no password", async () => {
    const text = await (await fetch(`${list}/range/70CCD`, { headers: { "add-padding": "true" } })).text();
    const lines = text.split("\r\n");
    expect(lines.length).toBeGreaterThan(800);
    for (const entry of lines) expect(entry).toMatch(/^[\dA-F]{35}:\d+$/);
    expect(lines.filter((entry) => !entry.endsWith(":0"))).toHaveLength(1);
    vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(text.replace(/:1000(?=\r|$)/, ":0")));
    await expect(refuseBreached(contextAt(), "password", BREACHED)).resolves.toBeUndefined();
  });

  it.each(["silence", "failure", "page", "flood", "nowhere"])(
    "keeps nobody out when it answers with %s",
    async (fault) => {
      const context = contextAt(() => new Date(), { BREACHED_PASSWORDS_URL: `${list}/${fault}` });
      const warned = vi.spyOn(context.log, "warn");
      const begun = Date.now();
      await refuseBreached(context, "password", BREACHED);
      expect(Date.now() - begun).toBeLessThan(4_000);
      expect(warned).toHaveBeenCalledOnce();
    },
  );

  it("is not asked where there is none", async () => {
    const asked = vi.spyOn(globalThis, "fetch");
    await refuseBreached(
      contextAt(() => new Date(), { BREACHED_PASSWORDS_URL: "" }),
      "password",
      BREACHED,
    );
    expect(asked).not.toHaveBeenCalled();
  });
});
