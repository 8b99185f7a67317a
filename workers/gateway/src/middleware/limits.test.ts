import { env, exports } from "cloudflare:workers";
import { answerFailures } from "@souk/kit/failures";
import { Problem } from "@souk/kit/problem";
import { requestContext, type AppTypes } from "@souk/kit/request-context";
import { Hono } from "hono";
import { beforeEach, describe, expect, it } from "vitest";
import { echoOf, requestsTo, tell } from "../../test/domain-workers.ts";
import { Env } from "../env.ts";
import { admit } from "./admit.ts";

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
  const minute = () => Math.floor(Date.now() / 60_000);
  /** Calls until one is refused; again by another address where a minute ended meanwhile, since the limit counts by the minute. */
  async function untilRefused(address: (round: number, call: number) => string, round = 0) {
    const begun = minute();
    const statuses: number[] = [];
    let refused: Response | undefined;
    for (let i = 0; i <= 100 && refused === undefined; i++) {
      const response = await call("/health", {
        headers: { "cf-connecting-ip": address(round, i), "x-forwarded-for": `198.51.100.${i}` },
      });
      if (response.status === 429) refused = response;
      else statuses.push(response.status);
    }
    if (minute() !== begun && round < 3) return untilRefused(address, round + 1);
    if (refused === undefined) throw new Error("the limit did not hold");
    return { statuses, refused };
  }

  it("has 100 requests a minute without a token (S3-GW-08, S3-SEC-06), whatever else it claims", async () => {
    const { statuses, refused } = await untilRefused((round) => `203.0.113.${10 + round}`);
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 200));
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("ratelimit-policy")).toBe('"anonymous";q=100;w=60');
    expect(refused.headers.get("ratelimit")).toBe('"anonymous";r=0;t=60');
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    const detail = "Too many requests from this IP.";
    expect(await problemOf(refused)).toMatchObject({ error: "Too many requests", retryAfter: 60, detail });
    expect((await call("/nothing", { headers: { "cf-connecting-ip": "203.0.113.10" } })).status).toBe(404);
    const other = await call("/health", { headers: { "cf-connecting-ip": "203.0.113.8" } });
    expect(other.status).toBe(200);
    expect(other.headers.get("ratelimit-policy")).toBe('"anonymous";q=100;w=60');
  });

  it("is a whole /64 of IPv6", async () => {
    const { statuses } = await untilRefused((round, i) => `2001:db8:0:${round}::${i.toString(16)}`);
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 200));
    expect((await call("/health", { headers: { "cf-connecting-ip": "2001:db8:0:8::1" } })).status).toBe(200);
  });

  it("may not make us check tokens without end", async () => {
    const keys: string[] = [];
    const FLOOD: RateLimit = { limit: async ({ key }) => ({ success: keys.push(key) <= 2 }) };
    const app = new Hono<AppTypes<Env>>();
    answerFailures(app, "gateway");
    app.use(requestContext(Env, "gateway", () => ({ requestId: undefined, actor: null })));
    const operation = {
      name: "GET /",
      access: "public",
      scope: undefined,
      cost: 1,
      closable: false,
    } as const;
    app.get("/", admit(operation), (c) => c.text("never reached"));
    const headers = { "cf-connecting-ip": "203.0.113.7", authorization: "Bearer made-up" };
    const answers: Response[] = [];
    const bindings = { ...env, FLOOD };
    for (let i = 0; i < 3; i++) answers.push(await app.request("/", { headers }, bindings));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 429]);
    expect(answers[2]?.headers.get("retry-after")).toBe("60");
    expect(new Set(keys)).toEqual(new Set(["203.0.113.7"]));
  });
});
