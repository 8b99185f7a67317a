import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Env } from "./env.ts";

const problemsOf = (change: Record<string, string>) =>
  Env.safeParse({ ...env, ...change }).error?.issues.map(({ path }) => path.join(".")) ?? [];
const remote = {
  SMTP_HOST: "smtp.example.com",
  SMTP_TLS: "starttls",
  SMTP_USER: "souk",
  SMTP_PASSWORD: "secret",
};

describe("the environment", () => {
  it("takes mail in clear and without a login for this machine only", () => {
    expect(
      problemsOf({ SMTP_HOST: "127.0.0.1", SMTP_TLS: "none", SMTP_USER: "", SMTP_PASSWORD: "" }),
    ).toEqual([]);
    expect(problemsOf(remote)).toEqual([]);
    expect(problemsOf({ ...remote, SMTP_TLS: "implicit" })).toEqual([]);
    expect(problemsOf({ ...remote, SMTP_TLS: "none" })).toEqual(["SMTP_TLS"]);
    expect(problemsOf({ ...remote, SMTP_HOST: "127.0.0.1.example.com", SMTP_TLS: "none" })).toEqual([
      "SMTP_TLS",
    ]);
    expect(problemsOf({ ...remote, SMTP_USER: "" })).toEqual(["SMTP_USER"]);
    expect(problemsOf({ ...remote, SMTP_PASSWORD: "" })).toEqual(["SMTP_USER"]);
  });

  it.each([
    [
      "Souk <no-reply@souk.example>",
      { name: "Souk", address: "no-reply@souk.example", domain: "souk.example" },
    ],
    ["no-reply@souk.example", { name: "", address: "no-reply@souk.example", domain: "souk.example" }],
  ])("reads the sender %s", (MAIL_FROM, sender) => {
    expect(Env.parse({ ...env, MAIL_FROM }).MAIL_FROM).toEqual(sender);
  });

  it.each(["", "Souk", "Souk <souk>", "Souk <a@b.c>\r\nBcc: eve@example.com", "a@b.c, eve@example.com"])(
    "refuses the sender %j",
    (MAIL_FROM) => expect(problemsOf({ MAIL_FROM })).toEqual(["MAIL_FROM"]),
  );
});
