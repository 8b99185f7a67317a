import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { requestsToAny } from "../../test/domain-workers.ts";

const call = (path: string, init?: RequestInit) =>
  exports.default.fetch(`https://souk.test${path}`, { redirect: "manual", ...init });
const REGISTER = "/api/v1/auth/register";

describe("browsers", () => {
  const origin = "https://app.souk.test";

  it("answers the preflight of an allowed origin", async () => {
    const before = await requestsToAny();
    const response = await call(REGISTER, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(response.headers.get("vary")).toBe("Origin");
    expect(await requestsToAny()).toBe(before);
  });

  it("lets an allowed origin read answers and errors, and the headers it needs", async () => {
    for (const path of ["/health", "/api/v1/alerts", "/nothing"]) {
      const response = await call(path, { headers: { origin } });
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
      expect(response.headers.get("access-control-expose-headers")).toContain("x-request-id");
      expect(response.headers.get("vary")).toBe("Origin");
    }
  });

  it.each(["https://evil.test", "https://app.souk.test.evil.test", "http://app.souk.test", "null"])(
    "tells %s nothing",
    async (other) => {
      const response = await call("/health", { headers: { origin: other } });
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      const preflight = await call(REGISTER, {
        method: "OPTIONS",
        headers: { origin: other, "access-control-request-method": "POST" },
      });
      expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  it("puts the secure headers on every answer (S3-GW-17)", async () => {
    for (const path of ["/health", "/nothing", "/ws"]) {
      expect(Object.fromEntries((await call(path)).headers)).toMatchObject({
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "strict-transport-security": expect.stringContaining("max-age="),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
    }
  });
});
