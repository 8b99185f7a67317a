import { env, exports } from "cloudflare:workers";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { uuidv7 } from "@souk/kit/ids";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeSources, type SourceName } from "../../test/fake-sources.ts";
import { runCron } from "../../test/run-cron.ts";
import { PricesStatus } from "../schemas.ts";

Object.assign(env, { METALPRICEAPI_KEY: "" });
afterEach(() => vi.restoreAllMocks());

const id = uuidv7(new Date());
const read = (role?: "user" | "admin") =>
  exports.default.fetch("https://souk.test/api/v1/prices/status", {
    headers:
      role === undefined
        ? {}
        : {
            [ACTOR_HEADER]: encodeActor({ userId: id, email: "a@example.com", role, sessionId: id }),
          },
  });
const status = async () => PricesStatus.parse(await (await read("admin")).json());

const poll = async (at: Date, refusing: SourceName | null = null) => {
  fakeSources((source) =>
    source === refusing ? () => new Response("No", { status: 403 }) : { price: 100, at },
  );
  await runCron(at);
  vi.restoreAllMocks();
};

describe("the status of prices", () => {
  it("names every source that has a key and every pair, before the first poll too", async () => {
    const never = { everyMinutes: 5, polledAt: null, answeredAt: null, failure: null };
    expect(await status()).toEqual({
      sources: [
        { name: "goldapi", ...never },
        { name: "metals-dev", ...never },
      ],
      prices: [{ metal: "XAU", currency: "USD", quotedAt: null, isStale: true }],
      unevaluated: 0,
    });
  });

  it("tells when each answered last, and why one did not", async () => {
    // The start of a bucket, and fresh.
    const now = new Date(Math.floor(Date.now() / 300_000) * 300_000);
    const before = new Date(now.getTime() - 600_000);
    await poll(before);
    await poll(now, "goldapi");
    const { sources, prices, unevaluated } = await status();
    expect(sources[0]).toMatchObject({
      polledAt: now.toISOString(),
      answeredAt: before.toISOString(),
      failure: expect.stringContaining("403"),
    });
    expect(sources[1]).toMatchObject({ answeredAt: now.toISOString(), failure: null });
    expect(prices).toEqual([{ metal: "XAU", currency: "USD", quotedAt: now.toISOString(), isStale: false }]);
    expect(unevaluated).toBe(0);
  });

  it("is for admins alone", async () => {
    expect((await read()).status).toBe(401);
    expect((await read("user")).status).toBe(403);
  });
});
