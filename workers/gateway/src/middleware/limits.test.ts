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

describe("floods", () => {
  it("answers 429 to the address that floods and to no other, whatever else the request claims", async () => {
    const statuses: number[] = [];
    let refused: Response | undefined;
    for (let i = 0; i < 1_001 && refused === undefined; i++) {
      const response = await call("/health", {
        headers: { "cf-connecting-ip": "203.0.113.7", "x-forwarded-for": `198.51.100.${i % 250}` },
      });
      statuses.push(response.status);
      if (response.status === 429) refused = response;
      else await response.body?.cancel();
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(1_000);
    if (refused === undefined) throw new Error("the limit did not hold");
    expect(refused.headers.get("retry-after")).toBe("60");
    const detail = "Too many requests from this IP.";
    expect(await problemOf(refused)).toMatchObject({ error: "Too many requests", retryAfter: 60, detail });
    expect((await call("/health", { headers: { "cf-connecting-ip": "203.0.113.8" } })).status).toBe(200);
    expect((await call("/nothing", { headers: { "cf-connecting-ip": "203.0.113.7" } })).status).toBe(404);
  });
});
