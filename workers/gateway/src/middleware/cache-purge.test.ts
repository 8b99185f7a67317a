import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { NEWER_THAN_HEADER } from "@souk/kit/newer-than";
import { Problem } from "@souk/kit/problem";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Admin } from "../../test/admin.ts";
import { requestsTo, tell } from "../../test/domain-workers.ts";
import type { Isolate } from "../../test/isolates.ts";
import { operated, passSeconds } from "../../test/operated.ts";
import { CACHE_LIMITS } from "../cache-limits.ts";
import { Env } from "../env.ts";
import { CONTROL_LIMITS } from "../limits.ts";

const Reached = z.object({ headers: z.record(z.string(), z.string()) });
const CURRENT = "/api/v1/prices/current";
const HISTORY = "/api/v1/prices/history";
const { CONTROL } = Env.parse(env);

let here: Isolate;
let there: Isolate;
let admin: Admin;

beforeEach(async () => {
  ({ here, there, admin } = await operated("alerts"));
});
afterEach(() => void vi.useRealTimers());

const newUrl = (path = HISTORY) => `${path}?metal=XAU&currency=${crypto.randomUUID()}`;
async function read(isolate: Isolate, url: string) {
  const response = await isolate(url);
  const { status, headers } = response;
  return { status, state: headers.get("x-cache"), text: await response.text() };
}

describe("a purge", () => {
  it.each([["prices"], [HISTORY], ["/price/history/"]])(
    "of %s is known within 10 s to isolates that were warm, and what is fetched after it is kept",
    async (tag) => {
      const url = newUrl();
      const { text } = await read(here, url);
      passSeconds(1);
      expect(await read(there, url)).toMatchObject({ state: "HIT", text });
      const clockAtPurge = Date.now();
      expect((await admin.purge(tag)).status).toBe(204);
      passSeconds(10.001);
      const after = await read(there, url);
      expect(after.state).toBe("MISS");
      expect(after.text).not.toBe(text);
      // The Worker is told, too, since it may keep something in its memory.
      const purged = Reached.parse(JSON.parse(after.text)).headers[NEWER_THAN_HEADER];
      expect(Number(purged)).toBeGreaterThan(clockAtPurge);
      expect(await read(here, url)).toMatchObject({ state: "HIT", text: after.text });
      passSeconds(30);
      for (const isolate of [here, there])
        expect(await read(isolate, url)).toMatchObject({ state: "HIT", text: after.text });
    },
  );

  it("is heeded at once by the isolate that took it, and behind a request after 5 s by others", async () => {
    const url = newUrl();
    const { text } = await read(here, url);
    await read(there, url);
    await admin.purge("prices");
    expect((await read(here, url)).text).not.toBe(text);
    passSeconds(5);
    await vi.waitFor(async () => expect((await read(there, url)).text).not.toBe(text), { timeout: 10_000 });
  });

  it("has the Worker asked again while clocks may differ about it, but not by every request", async () => {
    const url = newUrl();
    await read(here, url);
    await admin.purge("prices");
    passSeconds(0.3);
    const states = async () => [(await read(here, url)).state, (await read(here, url)).state];
    expect(await states()).toEqual(["MISS", "HIT"]);
    passSeconds(0.3);
    expect(await states()).toEqual(["MISS", "HIT"]);
    passSeconds(1);
    expect(await states()).toEqual(["MISS", "HIT"]);
    passSeconds(1);
    expect(await states()).toEqual(["HIT", "HIT"]);
  });

  it("of a path takes nothing from another, and keeps what was fetched since", async () => {
    const [current, history] = [newUrl(CURRENT), newUrl()];
    for (const url of [current, history]) await read(here, url);
    await admin.purge(CURRENT);
    passSeconds(CACHE_LIMITS.clockSkewMs / 1000 + 1);
    expect((await read(here, history)).state).toBe("HIT");
    expect((await read(here, current)).state).toBe("MISS");
    expect((await read(here, current)).state).toBe("HIT");
  });

  it("leaves nothing to be given while the Worker fails", async () => {
    const url = newUrl();
    await read(there, url);
    await admin.purge("prices");
    await tell("alerts", { fail: "throw" });
    passSeconds(10.001);
    expect((await read(there, url)).status).toBe(503);
    passSeconds(100);
    expect((await read(there, url)).status).toBe(503);
    const other = newUrl();
    await tell("alerts", {});
    const kept = await read(there, other);
    await tell("alerts", { fail: "throw" });
    passSeconds(200);
    expect(await read(there, other)).toMatchObject({ status: 200, state: "STALE", text: kept.text });
  });

  it.each(["nonsense", "Prices", "/api/v1/users/me", "/api/v1/prices", "/.kept", "*"])(
    "of %s is refused: nothing is kept under it",
    async (tag) => {
      const url = newUrl();
      await read(here, url);
      const answer = await admin.purge("prices", tag);
      expect(answer.status).toBe(400);
      expect(Problem.parse(await answer.json()).details).toEqual([
        { field: "tags", message: expect.stringContaining("nothing is kept") },
      ]);
      expect((await read(here, url)).state).toBe("HIT");
    },
  );

  it.each([[[]], [["x".repeat(201)]], [Array.from({ length: 51 }, () => "prices")], ["prices"]])(
    "of a list that is none, %j, is refused",
    async (tags) => {
      expect((await admin.call("POST", "cache/purges", { tags })).status).toBe(400);
    },
  );
});

describe("while purges cannot be known", () => {
  it("for a minute what is kept is given; then only what is fresh", async () => {
    const url = newUrl();
    await read(there, url);
    await tell("alerts", { fail: "throw" });
    await runInDurableObject(CONTROL.getByName("control"), (object) => {
      vi.spyOn(object, "snapshot").mockRejectedValue(new Error("the test broke it"));
    });
    passSeconds(59);
    expect((await read(there, url)).state).toBe("HIT");
    passSeconds(1);
    expect((await read(there, url)).state).toBe("STALE");
    passSeconds(1);
    expect((await read(there, url)).status).toBe(503);
    await tell("alerts", {});
    expect((await read(there, url)).state).toBe("MISS");
    passSeconds(59);
    expect((await read(there, url)).state).toBe("HIT");
    expect(await requestsTo("alerts")).toBe(1);
    vi.restoreAllMocks();
  });
});

describe("the object's memory of purges", () => {
  it("is bounded: of too many tags the oldest become one purge of everything before them", async () => {
    const object = CONTROL.getByName(crypto.randomUUID());
    const start = Date.now();
    for (let n = 0; n < CONTROL_LIMITS.purges + 10; n += 10) {
      await object.purge(Array.from({ length: 10 }, (_, i) => `tag-${n + i}`));
      passSeconds(0.01);
    }
    const { purges } = await object.snapshot();
    expect(Object.keys(purges).length).toBeLessThanOrEqual(CONTROL_LIMITS.purges + 1);
    expect(purges[""]).toBe(start);
    expect(purges["tag-0"]).toBeUndefined();
    expect(purges["tag-10"]).toBe(start + 10);
  });

  it("ends when nothing can be kept any more from before", async () => {
    const object = CONTROL.getByName(crypto.randomUUID());
    await object.purge(["prices"]);
    passSeconds(3660);
    expect((await object.snapshot()).purges).toHaveProperty("prices");
    passSeconds(2);
    expect((await object.snapshot()).purges).toEqual({});
  });
});
