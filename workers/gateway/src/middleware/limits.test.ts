import { exports } from "cloudflare:workers";
import { Problem } from "@souk/kit/problem";
import { beforeEach, describe, expect, it } from "vitest";
import { echoOf, requestsTo, tell } from "../../test/domain-workers.ts";

const call = (path: string, init?: RequestInit) =>
  exports.default.fetch(`https://souk.test${path}`, { redirect: "manual", ...init });
const REGISTER = "/api/v1/auth/register";
const problemOf = async (response: Response) => Problem.parse(await response.json());
const MEGABYTE = 1024 * 1024;

beforeEach(() => tell("auth", {}));

describe("body limit", () => {
  const chunked = (bytes: number) =>
    new ReadableStream({
      start(controller) {
        for (let left = bytes; left > 0; left -= 65_536)
          controller.enqueue(new Uint8Array(Math.min(left, 65_536)));
        controller.close();
      },
    });

  it("refuses a body above 1 MB by its declared length", async () => {
    const response = await call(REGISTER, { method: "POST", body: new Uint8Array(MEGABYTE + 1) });
    expect(response.status).toBe(413);
    expect(await problemOf(response)).toMatchObject({ code: "payload_too_large" });
    expect(await requestsTo("auth")).toBe(0);
  });

  it("refuses it as well when it comes in chunks of no declared length", async () => {
    const response = await call(REGISTER, { method: "POST", body: chunked(MEGABYTE + 1) });
    expect(response.status).toBe(413);
    expect(await requestsTo("auth")).toBe(0);
  });

  it("passes 1 MB both ways", async () => {
    for (const body of [new Uint8Array(MEGABYTE), chunked(MEGABYTE)]) {
      const response = await call(REGISTER, { method: "POST", body });
      expect(response.status).toBe(200);
      expect((await echoOf(response)).body).toHaveLength(MEGABYTE);
    }
  });
});

describe("one address", () => {
  const ADDRESS = "203.0.113.7";
  /** Calls until one is refused. */
  async function untilRefused(headers: Record<string, string>, most: number) {
    const statuses: number[] = [];
    for (let i = 0; i <= most; i++) {
      const response = await call("/health", {
        headers: { ...headers, "x-forwarded-for": `198.51.100.${i % 250}` },
      });
      if (response.status === 429) return { statuses, refused: response };
      await response.body?.cancel();
      statuses.push(response.status);
    }
    throw new Error("the limit did not hold");
  }

  it("has 100 requests a minute without a token (S3-GW-08, S3-SEC-06), whatever else it claims", async () => {
    const { statuses, refused } = await untilRefused({ "cf-connecting-ip": ADDRESS }, 100);
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 200));
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("ratelimit-policy")).toBe('"anonymous";q=100;w=60');
    expect(refused.headers.get("ratelimit")).toBe('"anonymous";r=0;t=60');
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    const detail = "Too many requests from this IP.";
    expect(await problemOf(refused)).toMatchObject({ error: "Too many requests", retryAfter: 60, detail });
    expect((await call("/nothing", { headers: { "cf-connecting-ip": ADDRESS } })).status).toBe(404);
    const other = await call("/health", { headers: { "cf-connecting-ip": "203.0.113.8" } });
    expect(other.status).toBe(200);
    expect(other.headers.get("ratelimit-policy")).toBe('"anonymous";q=100;w=60');
  });

  it("is a whole /64 of IPv6", async () => {
    let at = 0;
    const statuses: number[] = [];
    for (; at <= 100; at++) {
      const address = `2001:db8:0:7::${at.toString(16)}`;
      statuses.push((await call("/health", { headers: { "cf-connecting-ip": address } })).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect((await call("/health", { headers: { "cf-connecting-ip": "2001:db8:0:8::1" } })).status).toBe(200);
  });

  it("may not make us check tokens without end", async () => {
    const headers = { "cf-connecting-ip": ADDRESS, authorization: "Bearer made-up" };
    const { statuses, refused } = await untilRefused(headers, 6_000);
    expect(statuses).toHaveLength(6_000);
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(refused.headers.get("retry-after")).toBe("60");
  }, 60_000);
});
