import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { request } from "../http.ts";
import { newPerson, type Person } from "../person.ts";
import { testPlatform, type TestPlatform } from "../platform.ts";
import { poll } from "./poll.ts";

let platform: TestPlatform;
let person: Person;

/** The round trips that a request's Worker made, and how the request was answered. */
async function roundTrips(role: string, work: () => Promise<{ status: number }>) {
  platform.neon.resetRoundTrips();
  const { status } = await work();
  return { status, roundTrips: platform.neon.roundTrips().byRole[role] ?? 0 };
}

beforeAll(async () => {
  platform = await testPlatform();
  person = await newPerson();
});

describe("round trips to the database", () => {
  const current = () => request("GET", "/api/v1/prices/current?metal=XAU&currency=USD");

  beforeEach(async () => {
    // A poll forgets the price that the isolate remembers.
    await poll(platform);
  });

  it("of the current price are one, then none", async () => {
    expect(await roundTrips("svc_alerts", current)).toEqual({ status: 200, roundTrips: 1 });
    // The event of the new price has the gateways forget the old one, which may cost one more.
    await vi.waitFor(async () =>
      expect(await roundTrips("svc_alerts", current)).toEqual({ status: 200, roundTrips: 0 }),
    );
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
