import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually, mailsTo, mailTo, request } from "../http.ts";
import { newAdmin, type Person } from "../person.ts";
import { testPlatform, type TestPlatform } from "../platform.ts";
import { findings } from "./findings.ts";

let platform: TestPlatform;
let admin: Person;

const fault = (mode: string) =>
  fetch(`${platform.mail.url}/api/faults`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ mode }),
  });
const mailFinding = async () => (await findings(platform.url, admin, platform.databaseUrl)).get("mail");

beforeAll(async () => {
  platform = await testPlatform();
  admin = await newAdmin();
});
afterEach(() => fault("none"));

describe("the runbook of a mail provider that is down", () => {
  it("mails wait, the doctor says why, and each arrives once when the provider is back", async () => {
    await fault("refuse");
    const email = `${crypto.randomUUID()}@example.com`;
    const registered = await request("POST", "/api/v1/auth/register", {
      body: { email, password: "Passw0rd-of-a-test", firstName: "Ada", lastName: "Lovelace" },
    });
    expect(registered.status).toBe(201);
    const finding = await eventually("a doctor who sees the mail wait", async () => {
      const found = await mailFinding();
      return found?.state === "ill" ? found : undefined;
    });
    expect(finding.says).toMatch(/wait for another try.*docs\/runbooks\/the-mail-provider-is-down\.md/);
    const listed = await request("GET", "/api/v1/emails?status=claimed", { token: admin.accessToken });
    expect(listed.text).toContain("verify-email");
    expect(await mailsTo(email)).toEqual([]);

    await fault("none");
    await mailTo(email, /confirm|verify/i);
    await eventually("a doctor who is content", async () =>
      (await mailFinding())?.state === "well" ? true : undefined,
    );
    expect(await mailsTo(email)).toHaveLength(1);
  });
});
