import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { logIn } from "./admin-call.ts";

/** An API whose tokens are good for so many calls each. */
async function apiWith(callsOfToken: number) {
  let logIns = 0;
  let left = 0;
  const server = createServer(({ url, headers }, response) => {
    const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
    if (url === "/api/v1/auth/login") {
      left = callsOfToken;
      return answer(200, { accessToken: `token-${++logIns}` });
    }
    if (headers.authorization !== `Bearer token-${logIns}` || left-- <= 0)
      return answer(401, { code: "unauthorized" });
    return answer(200, { path: url });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    logIns: () => logIns,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

beforeEach(() => {
  vi.stubEnv("SOUK_ADMIN_EMAIL", "admin@example.com");
  vi.stubEnv("SOUK_ADMIN_PASSWORD", "a password");
});
afterEach(() => vi.unstubAllEnvs());

it("goes on with a new token when one has expired", async () => {
  const api = await apiWith(2);
  const call = await logIn(api.url, "usage");
  for (const path of ["/a", "/b", "/c", "/d", "/e"]) expect(await call(path, "POST", {})).toEqual({ path });
  expect(api.logIns()).toBe(3);
  await api.close();
});

it("does not try for ever: who is refused with a new token too is told so", async () => {
  const api = await apiWith(0);
  const call = await logIn(api.url, "usage");
  await expect(call("/a?limit=1", "GET")).rejects.toThrow("GET /a answered 401");
  expect(api.logIns()).toBe(2);
  await api.close();
});

it("tells how it is used when nobody is named", async () => {
  vi.stubEnv("SOUK_ADMIN_EMAIL", "");
  await expect(logIn("http://127.0.0.1:1", "how to use it")).rejects.toThrow("how to use it");
});
