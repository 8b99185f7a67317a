import { asOwner } from "@souk/db/operate/owner";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../http.ts";
import { newAdmin, newPerson, type Person } from "../person.ts";
import { testPlatform, type TestPlatform } from "../platform.ts";
import { findings } from "./findings.ts";
import { poll } from "./poll.ts";
import { runCommand } from "./run-command.ts";

let platform: TestPlatform;
let admin: Person;

beforeAll(async () => {
  platform = await testPlatform();
  admin = await newAdmin();
  await poll(platform);
});

const doctor = (environment: Record<string, string>) =>
  runCommand("local/doctor.ts", ["--url", platform.url], environment);

describe("the doctor", () => {
  it("finds nothing wrong with a sound platform, and leaves no session", async () => {
    await eventually("a quiet platform", async () => {
      const found = await findings(platform.url, admin, platform.databaseUrl);
      return [...found.values()].every(({ state }) => state === "well") || undefined;
    });
    const told = await doctor({
      SOUK_ADMIN_EMAIL: admin.email,
      SOUK_ADMIN_PASSWORD: admin.password,
      OWNER_DATABASE_URL: platform.databaseUrl,
    });
    expect(told.output).toContain("Nothing is wrong.");
    for (const part of [
      "API",
      "signing keys",
      "auth",
      "events",
      "event log",
      "dead letters",
      "mail",
      "migrations",
    ])
      expect(told.output).toMatch(new RegExp(`^✓ ${part} `, "m"));
    expect(told.output + told.errors).not.toContain(admin.password);
    expect(told.code).toBe(0);
    const { rows } = await asOwner(platform.databaseUrl, (client) =>
      client.query(
        "SELECT 1 FROM auth.sessions WHERE user_id = $1 AND user_agent = 'node' AND revoked_at IS NULL",
        [admin.id],
      ),
    );
    // The one of `newAdmin` at each of its two log-ins.
    expect(rows.length).toBeLessThanOrEqual(2);
  });

  it("says what it could not look at, and that a stranger may not look inside", async () => {
    const outside = await doctor({});
    expect(outside.output).toMatch(/^\? inside +set SOUK_ADMIN_EMAIL/m);
    expect(outside.code).toBe(0);
    const stranger = await newPerson();
    const refused = await doctor({
      SOUK_ADMIN_EMAIL: stranger.email,
      SOUK_ADMIN_PASSWORD: stranger.password,
    });
    expect(refused.output).toMatch(/^✗ event log .*403/m);
    expect(refused.code).toBe(1);
  });

  it("says that the API does not answer, or is at another address", async () => {
    const nobody = await runCommand("local/doctor.ts", ["--url", "http://127.0.0.1:1"], {});
    expect(nobody.output).toMatch(/^✗ API +does not answer at http:\/\/127\.0\.0\.1:1/m);
    expect(nobody.code).toBe(1);
    const wrong = await runCommand("local/doctor.ts", ["--url", platform.mail.url], {});
    expect(wrong.output).toMatch(/^✗ API /m);
  });

  it("says that events wait, and for how long", async () => {
    const id = crypto.randomUUID();
    // Held by a drain that died, so that nobody sends it while we look.
    await asOwner(platform.databaseUrl, (client) =>
      client.query(
        `INSERT INTO events.log (id, type, version, source, aggregate_id, data, occurred_at, created_at, claimed_until)
         VALUES ($1::uuid, 'user.verified', 1, 'auth', $1::text, $2, now(), now() - interval '10 minutes', now() + interval '1 hour')`,
        [id, JSON.stringify({ userId: id })],
      ),
    );
    const found = await findings(platform.url, admin, platform.databaseUrl);
    expect(found.get("event log")).toMatchObject({
      state: "ill",
      says: expect.stringMatching(/oldest for 10 minutes/),
    });
    await asOwner(platform.databaseUrl, (client) =>
      client.query("DELETE FROM events.log WHERE id = $1", [id]),
    );
  });

  it("says that migrations are missing", async () => {
    const { rows } = await asOwner(platform.databaseUrl, (client) =>
      client.query<{ id: number }>(
        "UPDATE migrations.applied SET hash = 'x' || hash WHERE id = (SELECT max(id) FROM migrations.applied) RETURNING id",
      ),
    );
    expect(rows).toHaveLength(1);
    const found = await findings(platform.url, admin, platform.databaseUrl);
    await asOwner(platform.databaseUrl, (client) =>
      client.query("UPDATE migrations.applied SET hash = substr(hash, 2) WHERE hash LIKE 'x%'"),
    );
    expect(found.get("migrations")).toMatchObject({
      state: "ill",
      says: expect.stringMatching(/\d of this version are not applied/),
    });
  });
});
