import { asOwner } from "@souk/db/operate/owner";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { CACHE_LIMITS } from "../../workers/gateway/src/cache-limits.ts";
import { eventually, request } from "../http.ts";
import { newAdmin, newPerson, type Person } from "../person.ts";
import { testPlatform, type TestPlatform } from "../platform.ts";
import { poll } from "./poll.ts";

let platform: TestPlatform;
let person: Person;
let admin: Person;

/** The round trips that a request's Worker made, and how the request was answered. */
async function roundTrips(role: string, work: () => Promise<{ status: number }>) {
  platform.neon.resetRoundTrips();
  const { status } = await work();
  return { status, roundTrips: platform.neon.roundTrips().byRole[role] ?? 0 };
}

/**
 * Waits until the gateway has forgotten old prices by the events of all new ones, and so long after that no clock can differ about it:
 * until then it has the Worker read the price anew.
 */
async function purgesPassed(): Promise<void> {
  const { harness, databaseUrl } = platform;
  const { rows } = await asOwner(databaseUrl, (client) =>
    client.query("SELECT id FROM events.log WHERE type = 'price.updated'"),
  );
  const ids = z.array(z.object({ id: z.string() })).parse(rows);
  await eventually("every purge", async () => {
    const said = harness
      .getLogs()
      .map(({ message }) => message)
      .filter((line) => line.includes("event consumed") && line.includes('"service":"gateway"'))
      .join();
    return ids.every(({ id }) => said.includes(id)) || undefined;
  });
  // Whoever purges by hand reads the snapshot at once.
  const tags = ["/api/v1/prices/history"];
  const { status } = await request("POST", "/api/v1/admin/cache/purges", {
    token: admin.accessToken,
    body: { tags },
  });
  expect(status).toBe(204);
  const known = performance.now();
  const settled = CACHE_LIMITS.clockSkewMs + CACHE_LIMITS.settleMs;
  await eventually("agreement of the clocks", async () => performance.now() - known > settled || undefined);
}

beforeAll(async () => {
  platform = await testPlatform();
  person = await newPerson();
  admin = await newAdmin();
  await poll(platform);
});

describe("round trips to the database", () => {
  const current = () => request("GET", "/api/v1/prices/current?metal=XAU&currency=USD");

  it("of the current price are one, then none", async () => {
    expect((await roundTrips("svc_alerts", current)).status).toBe(200);
    // A poll forgets the price that the isolate remembers.
    await poll(platform);
    await purgesPassed();
    expect(await roundTrips("svc_alerts", current)).toEqual({ status: 200, roundTrips: 1 });
    expect(await roundTrips("svc_alerts", current)).toEqual({ status: 200, roundTrips: 0 });
    expect(await roundTrips("svc_alerts", current)).toEqual({ status: 200, roundTrips: 0 });
  });

  it("of listing alerts are one, of creating one are one", async () => {
    const token = person.accessToken;
    const create = () =>
      request("POST", "/api/v1/alerts", {
        token,
        body: { metal: "XAU", currency: "USD", type: "above", threshold: "90000" },
      });
    const list = () => request("GET", "/api/v1/alerts", { token });
    expect(await roundTrips("svc_alerts", create)).toEqual({ status: 201, roundTrips: 1 });
    expect(await roundTrips("svc_alerts", list)).toEqual({ status: 200, roundTrips: 1 });
  });

  it("of a log-in are two, of a refresh one", async () => {
    const { email, password } = person;
    const logIn = () => request("POST", "/api/v1/auth/login", { body: { email, password } });
    expect(await roundTrips("svc_auth", logIn)).toEqual({ status: 200, roundTrips: 2 });
    const tokens = z.object({ refreshToken: z.string() }).parse((await logIn()).json);
    const refresh = () => request("POST", "/api/v1/auth/refresh", { body: tokens });
    expect(await roundTrips("svc_auth", refresh)).toEqual({ status: 200, roundTrips: 1 });
  });
});
