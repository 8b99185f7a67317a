import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { tell } from "../test/domain-workers.ts";
import { accessToken, publish, signingKey } from "../test/tokens.ts";

// The environment is parsed at the first request.
Object.assign(env, { OTLP_ENDPOINT: "https://collector.test" });

let sent: { url: string; body: string }[];

beforeEach(() => {
  sent = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    sent.push({ url: request.url, body: await request.text() });
    return new Response("{}");
  });
});
afterEach(() => vi.restoreAllMocks());

it("sends a span of each request to the collector that is configured, after the answer", async () => {
  const response = await exports.default.fetch("https://souk.test/health?ticket=top-secret");
  expect(response.status).toBe(200);
  expect(sent).toEqual([]);
  await vi.waitFor(() => expect(sent).toHaveLength(1), { timeout: 15_000 });
  expect(sent[0]?.url).toBe("https://collector.test/v1/traces");
  expect(sent[0]?.body).toContain('"name":"GET /health"');
  expect(sent[0]?.body).not.toContain("top-secret");
});

it("sends spans also of what goes on behind the answers: a quota's report, the counts of the metrics", async () => {
  const key = await signingKey("spans");
  await publish(key);
  await tell("users", {});
  const headers = { authorization: `Bearer ${await accessToken(key)}` };
  const { status } = await exports.default.fetch("https://souk.test/api/v1/users/me", { headers });
  expect(status).toBe(200);
  await vi.waitFor(
    async () => {
      // A span that was kept after one batch goes with the next.
      await exports.default.fetch("https://souk.test/health");
      const all = sent.map(({ body }) => body).join();
      expect(all).toContain('"name":"QUOTA.settle"');
      expect(all).toContain('"name":"METRICS.add"');
    },
    { timeout: 18_000, interval: 250 },
  );
}, 25_000);
