import { exports } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { tell } from "../../test/domain-workers.ts";
import { parsePrometheus } from "../../test/parse-prometheus.ts";
import { accessToken, publish, signingKey, type SigningKey } from "../../test/tokens.ts";

let key: SigningKey;
beforeAll(async () => {
  key = await signingKey("metrics");
  await publish(key);
});
const call = async (path: string, role?: string, method = "GET") =>
  exports.default.fetch(`https://souk.test${path}`, {
    method,
    headers: role === undefined ? {} : { authorization: `Bearer ${await accessToken(key, { role })}` },
  });

it("GET /metrics is for admins alone", async () => {
  expect((await call("/metrics")).status).toBe(401);
  expect((await call("/metrics", "user")).status).toBe(403);
});

it("GET /metrics has every request by template, method and status (S3-OBS-01..05)", async () => {
  const countOf = async (method: string, route: string, status: number) => {
    const response = await call("/metrics", "admin");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const { samples } = parsePrometheus(await response.text());
    const wanted = { method, route, status_code: String(status) };
    const sample = samples.find(
      ({ name, labels }) =>
        name === "http_requests_total" && JSON.stringify(labels) === JSON.stringify(wanted),
    );
    return sample?.value ?? 0;
  };
  expect(await countOf("GET", "/api/v1/alerts/:id", 200)).toBe(0);
  for (const id of ["7", "8", "9"]) await call(`/api/v1/alerts/${id}`, "user");
  await tell("alerts", { status: 404 });
  await call("/alert/7", "user", "DELETE");
  await call("/api/v1/nothing/secret");
  expect(await countOf("GET", "/api/v1/alerts/:id", 200)).toBe(3);
  expect(await countOf("DELETE", "/api/v1/alerts/:id", 404)).toBe(1);
  expect(await countOf("GET", "/*", 404)).toBe(1);
  // The reading before this one, and those before it.
  expect(await countOf("GET", "/metrics", 200)).toBe(4);
});
