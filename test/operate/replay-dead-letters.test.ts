import { asOwner } from "@souk/db/operate/owner";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, mailTo, mailsTo, request } from "../http.ts";
import { newAdmin, newPerson, type Person } from "../person.ts";
import { testPlatform, type TestPlatform } from "../platform.ts";
import { findings } from "./findings.ts";
import { runCommand } from "./run-command.ts";

let platform: TestPlatform;
let admin: Person;

beforeAll(async () => {
  platform = await testPlatform();
  admin = await newAdmin();
});

const replay = (password: string) =>
  runCommand("workers/events/cli/replay-events.ts", ["--dead-letters", "--url", platform.url], {
    SOUK_ADMIN_EMAIL: admin.email,
    SOUK_ADMIN_PASSWORD: password,
  });

/** A person's wish for a new password, whose mail the consumer gave up. */
async function givenUp(person: Person): Promise<string> {
  const eventId = crypto.randomUUID();
  const event = {
    specversion: "1.0",
    id: eventId,
    type: "password.reset_requested",
    source: "souk/auth",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    aggregateid: person.id,
    version: 1,
    traceparent: null,
    data: { userId: person.id },
  };
  await asOwner(platform.databaseUrl, (client) =>
    client.query(
      `INSERT INTO events.dead_letters (id, subscriber, event_id, event_type, reason, attempts, body)
       VALUES ($1, 'email-urgent', $2, 'password.reset_requested', 'Error: the template was broken', 12, $3)`,
      [crypto.randomUUID(), eventId, JSON.stringify({ subscriber: "email-urgent", event })],
    ),
  );
  return eventId;
}

describe("the runbook of dead letters", () => {
  it("shows the reason, sends them again once the cause is mended, and none is left", async () => {
    const person = await newPerson();
    const eventId = await givenUp(person);
    const found = await findings(platform.url, admin, platform.databaseUrl);
    expect(found.get("dead letters")).toMatchObject({
      state: "ill",
      says: expect.stringMatching(/1 messages.*docs\/runbooks\/replay-dead-letters\.md/),
    });
    const listed = await request("GET", "/api/v1/events/dead-letters", { token: admin.accessToken });
    expect(listed.text).toContain("Error: the template was broken");
    expect(listed.text).toContain(eventId);

    expect(await replay(admin.password)).toMatchObject({
      code: 0,
      output: expect.stringContaining("1 dead letters sent again, 0 refused."),
    });
    await mailTo(person.email, /password/i);
    // Again, as somebody in doubt would do.
    expect(await replay(admin.password)).toMatchObject({ output: expect.stringContaining("0 dead letters") });
    await eventually("a doctor who finds none", async () => {
      const after = await findings(platform.url, admin, platform.databaseUrl);
      return after.get("dead letters")?.state === "well" || undefined;
    });
    expect((await mailsTo(person.email)).filter(({ subject }) => /password/i.test(subject))).toHaveLength(1);
  });

  it("is for those who know an admin's password", async () => {
    const refused = await replay("Wrong-password-1");
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain("401");
  });
});
