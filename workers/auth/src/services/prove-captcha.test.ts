import { env } from "cloudflare:workers";
import { users } from "@souk/db/schema/auth";
import { eq } from "drizzle-orm";
import { describe, expect, inject, it, vi } from "vitest";
import { captchaToken } from "../../../../local/captcha/token.ts";
import { contextAt, newAddress, owner, PASSWORD, post, problemOf, storedUser } from "../../test/actions.ts";
import { proveCaptcha } from "./prove-captcha.ts";

const { url, secret } = inject("captcha");
Object.assign(env, {
  CAPTCHA_URL: `${url}/siteverify`,
  TURNSTILE_SECRET: secret,
  CAPTCHA_HOSTNAMES: JSON.stringify(["app.souk.test"]),
});

const solved = (action: string, more: object = {}) => ({
  "captcha-token": captchaToken({
    id: crypto.randomUUID(),
    hostname: "app.souk.test",
    action,
    at: new Date().toISOString(),
    ...more,
  }),
});
const required = { status: 400, code: "captcha_required" };
const names = { password: PASSWORD, firstName: "Ada", lastName: "Lovelace" };

describe.each([
  ["register", names, 201],
  ["resend-verification", {}, 202],
  ["forgot-password", {}, 202],
  ["mail-sign-ins", {}, 202],
])("%s", (path, more, success) => {
  const ask = (headers: Record<string, string>, email = newAddress()) =>
    post(path, { ...more, email }, headers);

  it("is open to who has solved a CAPTCHA for it, once, at a known and an unknown address alike", async () => {
    for (const email of [(await storedUser()).email, newAddress()]) {
      expect(await problemOf(await ask({}, email))).toEqual(required);
      const headers = solved(path);
      expect((await ask(headers, email)).status).toBe(success);
      expect(await problemOf(await ask(headers, email))).toEqual(required);
    }
  });

  it("is closed to what was solved for something else, elsewhere or long ago, or is no token", async () => {
    const old = new Date(Date.now() - 301_000).toISOString();
    for (const headers of [
      solved("log-in"),
      solved(path, { hostname: "eve.test" }),
      solved(path, { at: old }),
      { "captcha-token": "x" },
    ]) {
      const email = newAddress();
      expect(await problemOf(await ask(headers, email))).toEqual(required);
      expect(await owner.$count(users, eq(users.email, email))).toBe(0);
    }
  });

  it("leaves a CAPTCHA unspent when the request is malformed", async () => {
    const headers = solved(path);
    expect(await problemOf(await ask(headers, "nobody"))).toMatchObject({ code: "validation_failed" });
    expect((await ask(headers)).status).toBe(success);
  });
});

describe("a verifier of CAPTCHAs", () => {
  it.each([
    ["silence", {}],
    ["failure", {}],
    ["page", {}],
    ["siteverify", { TURNSTILE_SECRET: "another" }],
  ])("keeps nobody out when it is at fault itself: %s", async (path, more) => {
    const context = contextAt(() => new Date(), { CAPTCHA_URL: `${url}/${path}`, ...more });
    const told = vi.spyOn(context.log, "error");
    await proveCaptcha(context, new Headers(solved("register")), "register");
    expect(told).toHaveBeenCalledOnce();
    await expect(proveCaptcha(context, new Headers(), "register")).rejects.toThrow("captcha_required");
  });

  it.each(["", "a b", "<script>", "a".repeat(2049)])(
    "is not brought to a fault by what can be no token: %s",
    async (token) => {
      const context = contextAt(() => new Date(), { CAPTCHA_URL: `${url}/failure` });
      const headers = new Headers({ "captcha-token": token });
      await expect(proveCaptcha(context, headers, "register")).rejects.toThrow("captcha_required");
    },
  );

  it("is asked by whoever configures it alone, and not without a secret and hostnames", async () => {
    await proveCaptcha(
      contextAt(() => new Date(), { CAPTCHA_URL: "" }),
      new Headers(),
      "register",
    );
    for (const missing of [{ TURNSTILE_SECRET: "" }, { CAPTCHA_HOSTNAMES: "[]" }])
      expect(() => contextAt(() => new Date(), missing)).toThrow(/CAPTCHA_URL/);
  });

  it("is told the caller's address, which the platform names", async () => {
    const asked = vi.spyOn(globalThis, "fetch");
    const headers = new Headers({ ...solved("register"), "cf-connecting-ip": "203.0.113.9" });
    await proveCaptcha(contextAt(), headers, "register");
    const body = asked.mock.calls[0]?.[1]?.body;
    expect(JSON.parse(typeof body === "string" ? body : "")).toMatchObject({ remoteip: "203.0.113.9" });
    asked.mockRestore();
  });
});
