import { exports } from "cloudflare:workers";
import { Problem } from "@souk/kit/problem";
import { beforeAll, describe, expect, it } from "vitest";
import { requestsTo, tell } from "../../test/domain-workers.ts";
import { accessToken, publish, signingKey, type SigningKey } from "../../test/tokens.ts";

const ROUTE = "/api/v1/users/me";

let key: SigningKey;
beforeAll(async () => {
  key = await signingKey("quota");
  await publish(key);
});

const personCalls = async (role: string) => {
  const token = await accessToken(key, { role, userId: crypto.randomUUID() });
  return (path = ROUTE) =>
    exports.default.fetch(`https://souk.test${path}`, { headers: { authorization: `Bearer ${token}` } });
};
const left = (response: Response) => Number(response.headers.get("x-ratelimit-remaining"));

describe("the quota of a person", () => {
  it("is told with each answer, in the fields of the current draft", async () => {
    const call = await personCalls("user");
    for (const remaining of [999, 998]) {
      const { headers } = await call();
      expect(headers.get("ratelimit-policy")).toBe('"authenticated";q=1000;w=60');
      expect(headers.get("ratelimit")).toBe(`"authenticated";r=${remaining}`);
      expect(headers.get("x-ratelimit-remaining")).toBe(String(remaining));
    }
  });

  it("is told also with an answer that refuses", async () => {
    const call = await personCalls("user");
    await tell("users", { status: 404 });
    expect(left(await call())).toBe(999);
    await tell("users", { fail: "throw" });
    const broken = await call();
    expect([broken.status, left(broken)]).toEqual([503, 998]);
    await tell("users", {});
  });

  it("is one for all tokens of the person, and another for each person", async () => {
    const userId = crypto.randomUUID();
    for (const remaining of [999, 998]) {
      const token = await accessToken(key, { userId });
      const response = await exports.default.fetch(`https://souk.test${ROUTE}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(left(response)).toBe(remaining);
    }
    expect(left(await (await personCalls("user"))())).toBe(999);
  });

  it("takes what the route costs", async () => {
    const call = await personCalls("admin");
    expect(left(await call("/api/v1/admin/readiness"))).toBe(990);
    expect(left(await call())).toBe(989);
  });

  it("ends in 429, and the Worker hears nothing of it (S3-GW-09, S3-SEC-05..07)", async () => {
    const call = await personCalls("user");
    await tell("users", {});
    const statuses = new Map<number, number>();
    let refused: Response | undefined;
    for (let batch = 0; batch < 26; batch++) {
      for (const response of await Promise.all(Array.from({ length: 40 }, () => call()))) {
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        if (response.status === 429) refused = response;
      }
    }
    expect(Object.fromEntries(statuses)).toEqual({ 200: 1_000, 429: 40 });
    expect(await requestsTo("users")).toBe(1_000);
    if (refused === undefined) throw new Error("the limit did not hold");
    const retryAfter = Number(refused.headers.get("retry-after"));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(62);
    expect(refused.headers.get("ratelimit")).toBe(`"authenticated";r=0;t=${retryAfter}`);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Problem.parse(await refused.json())).toMatchObject({
      status: 429,
      error: "Too many requests",
      code: "too_many_requests",
      retryAfter,
    });
  }, 60_000);
});
