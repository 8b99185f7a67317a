import { env, exports } from "cloudflare:workers";
import { expect, it, vi } from "vitest";

// The environment is parsed at the first request, and the other tests keep such lines out of their output.
Object.assign(env, { LOG_LEVEL: "info" });

it("writes one line per request, without query or secrets (S2-GW-04)", async () => {
  const lines: string[] = [];
  const info = vi.spyOn(console, "info").mockImplementation((line: string) => void lines.push(line));
  await exports.default.fetch("https://souk.test/ws?ticket=top-secret", {
    headers: { authorization: "Bearer aaaa.bbbb.cccc" },
  });
  await exports.default.fetch("https://souk.test/api/v1/nothing?token=top-secret");
  info.mockRestore();
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({
      message: "request",
      service: "gateway",
      method: "GET",
      path: "/ws",
      route: "/ws",
      status: 401,
    }),
    expect.objectContaining({
      path: "/api/v1/nothing",
      route: "/*",
      status: 404,
      requestId: expect.any(String),
      traceId: expect.any(String),
    }),
  ]);
  expect(lines.join()).not.toMatch(/top-secret|aaaa|bbbb/);
});
