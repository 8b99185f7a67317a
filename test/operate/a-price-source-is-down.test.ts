import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { request } from "../http.ts";
import { newAdmin, type Person } from "../person.ts";
import { testPlatform, type TestPlatform } from "../platform.ts";
import { findings } from "./findings.ts";
import { poll } from "./poll.ts";

const Price = z.object({ sources: z.number(), quotedAt: z.string() });

let platform: TestPlatform;
let admin: Person;

const fault = (source: string, mode: string) =>
  fetch(`${platform.prices.url}/api/faults`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ source, mode }),
  });
const price = async () =>
  Price.parse((await request("GET", "/api/v1/prices/current?metal=XAU&currency=USD")).json);
const doctor = () => findings(platform.url, admin, platform.databaseUrl);

beforeAll(async () => {
  platform = await testPlatform();
  admin = await newAdmin();
  await poll(platform);
});
afterEach(() => fault("all", "none"));

describe("the runbook of a price source that is down", () => {
  it("one source: the doctor names it with the reason, and the price goes on from the others", async () => {
    await fault("goldapi", "down");
    platform.prices.tick();
    await poll(platform);
    const found = await doctor();
    expect(found.get("source goldapi")).toMatchObject({
      state: "ill",
      says: expect.stringMatching(/503.*docs\/runbooks\/a-price-source-is-down\.md/),
    });
    expect(found.get("source metals-dev")?.state).toBe("well");
    expect((await price()).sources).toBe(2);

    await fault("all", "none");
    platform.prices.tick();
    await poll(platform);
    expect((await doctor()).get("source goldapi")?.state).toBe("well");
    expect((await price()).sources).toBe(3);
  });

  it("all sources: the last price stays, with its age, and the next poll mends it", async () => {
    const before = await price();
    await fault("all", "garbage");
    platform.prices.tick();
    await poll(platform);
    const found = await doctor();
    for (const name of ["goldapi", "metals-dev", "metalpriceapi"])
      expect(found.get(`source ${name}`)?.state).toBe("ill");
    expect(await price()).toEqual(before);

    await fault("all", "none");
    platform.prices.tick();
    await poll(platform);
    expect((await price()).quotedAt).not.toBe(before.quotedAt);
    expect([...(await doctor()).values()].filter(({ part }) => part.startsWith("source"))).toEqual(
      expect.arrayContaining([expect.objectContaining({ part: "source goldapi", state: "well" })]),
    );
  });
});
