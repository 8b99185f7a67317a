import { beforeAll, describe, expect, it } from "vitest";
import { eventually, request } from "./http.ts";
import { newPerson, type Person } from "./person.ts";
import { poll } from "./operate/poll.ts";
import { testPlatform, type TestPlatform } from "./platform.ts";

const CURRENT = "/api/v1/prices/current?metal=XAU&currency=USD";
let platform: TestPlatform;
let person: Person;

const read = (path: string, headers: Record<string, string> = {}, token?: string) =>
  request("GET", path, {
    headers: { "cache-control": "max-age=60", ...headers },
    ...(token !== undefined && { token }),
  });

beforeAll(async () => {
  platform = await testPlatform();
  person = await newPerson();
  await poll(platform);
});

describe("prices at the gateway", () => {
  it("are kept for everyone, with or without a token, and confirmed by their ETag", async () => {
    const first = await request("GET", CURRENT, { token: person.accessToken });
    expect([first.status, first.headers.get("x-cache")]).toEqual([200, "MISS"]);
    const second = await read(CURRENT);
    expect([second.status, second.headers.get("x-cache"), second.text]).toEqual([200, "HIT", first.text]);
    const known = { "if-none-match": first.headers.get("etag") ?? "" };
    const third = await read(CURRENT, known, person.accessToken);
    expect([third.status, third.headers.get("x-cache"), third.text]).toEqual([304, "HIT", ""]);
  });

  it("are answered to everyone who asks at once, also when some have gone", async () => {
    const url = `${platform.url}/api/v1/prices/history?metal=XAU&currency=USD&limit=7`;
    const gone = new AbortController();
    const leaving = Array.from({ length: 10 }, () => fetch(url, { signal: gone.signal }).catch(() => null));
    const staying = Array.from({ length: 40 }, async () => (await fetch(url)).text());
    gone.abort();
    await Promise.all(leaving);
    expect(new Set(await Promise.all(staying)).size).toBe(1);
    expect((await fetch(url)).headers.get("x-cache")).toBe("HIT");
  });

  it("are purged by the poll that stores new ones, long before they would be too old", async () => {
    const url = "/api/v1/prices/history?metal=XAU&currency=USD&limit=500";
    const old = (await read(url)).text;
    expect([(await read(url)).headers.get("x-cache"), (await read(url)).text]).toEqual(["HIT", old]);
    platform.prices.tick();
    await poll(platform);
    // The history is kept for 60 s; a purge is known everywhere 10 s after it, and is on its way by event and queue before.
    await eventually(
      "the new price",
      async () => ((await read(url)).text === old ? undefined : true),
      15_000,
    );
  });
});
