import { PRESETS } from "@souk/kit/resilience";
import { exports } from "cloudflare:workers";
import { Health } from "@souk/kit/health";
import { Problem } from "@souk/kit/problem";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { nextAddress } from "../../../test/next-address.ts";
import { echoOf, requestsTo, requestsToAny, tell } from "../test/domain-workers.ts";
import { ROUTING_TABLE } from "./routing-table.ts";
import { WORKER_NAMES } from "./workers.ts";

const call = (path: string, init?: RequestInit) => {
  const headers = new Headers(init?.headers);
  headers.set("cf-connecting-ip", nextAddress());
  return exports.default.fetch(`https://souk.test${path}`, { redirect: "manual", ...init, headers });
};
const problemOf = async (response: Response) => Problem.parse(await response.json());
const REGISTER = "/api/v1/auth/register";
const MEGABYTE = 1024 * 1024;

beforeEach(async () => {
  for (const worker of WORKER_NAMES) await tell(worker, {});
});

describe("forwarding", () => {
  it("hands method, path, query and body to the Worker, and its answer back", async () => {
    await tell("auth", { status: 201 });
    const response = await call(`${REGISTER}?a=1`, {
      method: "POST",
      body: '{"x":1}',
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-from")).toBe("stub");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const echo = await echoOf(response);
    expect(echo).toMatchObject({ method: "POST", url: `https://souk.test${REGISTER}?a=1`, body: '{"x":1}' });
    expect(echo.headers["content-type"]).toBe("application/json");
  });

  it("brings every open route to the Worker that declared it, by its canonical path", async () => {
    for (const { path, worker, methods } of ROUTING_TABLE) {
      if (worker === "gateway" || path === "/.well-known/jwks.json") continue;
      const url = path.replaceAll(/\{\w+\}/g, "7");
      for (const [method, access] of Object.entries(methods)) {
        await tell(worker, {});
        const response = await call(url, { method });
        expect([method, url, response.status]).toEqual([method, url, access === "public" ? 200 : 401]);
        expect(await requestsTo(worker)).toBe(access === "public" ? 1 : 0);
      }
    }
  });

  it("an alias reaches the same place", async () => {
    const echo = await echoOf(await call("//auth/register/?a=1", { method: "POST", body: "{}" }));
    expect(echo.url).toBe(`https://souk.test${REGISTER}?a=1`);
  });

  it("answers HEAD like GET, without a body", async () => {
    const response = await call("/health", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  it.each([
    "/api/v1/nothing",
    "/api/v1",
    "/API/V1/AUTH/REGISTER",
    "/auth/%2e%2e%2fregister",
    "/favicon.ico",
    "/docs/../wrangler.toml",
  ])("answers 404 for %s before any other work", async (path) => {
    const response = await call(path, {
      headers: { authorization: "Bearer x.y.z" },
      method: "POST",
      body: "x".repeat(MEGABYTE + 1),
    });
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await problemOf(response)).toMatchObject({ code: "not_found", error: "Not found" });
    expect(await requestsToAny()).toBe(0);
  });

  it("answers 405 with the methods that there are", async () => {
    const response = await call("/auth/register", {
      method: "DELETE",
      headers: { authorization: "Bearer x.y.z" },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await problemOf(response)).toMatchObject({ code: "method_not_allowed", instance: REGISTER });
    expect((await call("/health", { method: "PUT" })).headers.get("allow")).toBe("GET, HEAD");
    expect(await requestsToAny()).toBe(0);
  });

  it("passes a WebSocket upgrade, and the frames both ways", async () => {
    const response = await call("/ws?ticket=secret", { headers: { upgrade: "websocket" } });
    expect(response.status).toBe(101);
    const socket = response.webSocket;
    if (socket === null) throw new Error("no WebSocket came back");
    socket.accept();
    const answer = new Promise((resolve) =>
      socket.addEventListener("message", (event) => resolve(event.data), { once: true }),
    );
    socket.send("hello");
    expect(await answer).toBe("echo: hello");
    socket.close();
  });
});

describe("failures of a Worker", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is 503 when it throws (S3-GW-24)", async () => {
    await tell("auth", { fail: "throw" });
    const response = await call(REGISTER, { method: "POST", body: "{}" });
    expect(response.status).toBe(503);
    expect(await problemOf(response)).toMatchObject({ code: "unavailable", error: "Service unavailable" });
  });

  it("is 503 when it does not answer within 30 s", async () => {
    const preset: { timeoutMs: number } = PRESETS.gateway;
    expect(preset.timeoutMs).toBe(30_000);
    vi.spyOn(preset, "timeoutMs", "get").mockReturnValue(50);
    await tell("auth", { fail: "hang" });
    expect((await call(REGISTER, { method: "POST", body: "{}" })).status).toBe(503);
  });

  it("passes its own errors on", async () => {
    await tell("auth", { status: 409 });
    expect((await call(REGISTER, { method: "POST", body: "{}" })).status).toBe(409);
  });
});

describe("request id and trace", () => {
  const register = (headers: Record<string, string>) =>
    call(REGISTER, { method: "POST", body: "{}", headers });

  it("keeps a sane id, tells it to the caller and to the Worker", async () => {
    const response = await register({ "x-request-id": "order-42.a" });
    expect(response.headers.get("x-request-id")).toBe("order-42.a");
    expect((await echoOf(response)).headers["x-request-id"]).toBe("order-42.a");
  });

  it.each(["", "a b", "x".repeat(65), "<script>", 'a"b'])("replaces the id %j", async (id) => {
    const response = await register({ "x-request-id": id });
    const own = z.uuid().parse(response.headers.get("x-request-id"));
    expect((await echoOf(response)).headers["x-request-id"]).toBe(own);
  });

  it("stands in the problem of an error too", async () => {
    const response = await call("/nothing");
    expect((await problemOf(response)).requestId).toBe(response.headers.get("x-request-id"));
  });

  it("goes on in the caller's trace with a span of its own", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const echo = await echoOf(await register({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` }));
    expect(echo.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(echo.headers.traceparent).not.toContain("00f067aa0ba902b7");
  });

  it("begins a trace where there is none or it is malformed", async () => {
    const echo = await echoOf(await register({ traceparent: "00-zz-zz-01" }));
    expect(echo.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
  });

  it("passes tracestate on with the trace that goes on, and drops it with the one that does not", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const good = await echoOf(await register({ traceparent, tracestate: "foo=1 , bar=2" }));
    expect(good.headers.tracestate).toBe("foo=1,bar=2");
    for (const headers of [
      { traceparent: "garbage", tracestate: "foo=1" },
      { traceparent, tracestate: "FOO=1" },
    ]) {
      expect((await echoOf(await register(headers))).headers.tracestate).toBeUndefined();
    }
  });
});

describe("GET /health", () => {
  it("tells status, timestamp, version and uptime (S4-HEALTH-01)", async () => {
    const health = Health.parse(await (await call("/health")).json());
    expect(health).toMatchObject({ status: "healthy", version: "0.1.0" });
    expect(Math.abs(Date.parse(health.timestamp) - Date.now())).toBeLessThan(5_000);
    expect(health.uptime).toBeGreaterThanOrEqual(0);
  });
});
