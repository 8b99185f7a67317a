import { env, exports } from "cloudflare:workers";
import { expect, it, vi } from "vitest";

// The environment is parsed at the first request.
Object.assign(env, { OTLP_ENDPOINT: "https://collector.test" });

it("sends a span of each request to the collector that is configured, after the answer", async () => {
  const sent: { url: string; body: string }[] = [];
  const outside = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    sent.push({ url: request.url, body: await request.text() });
    return new Response("{}");
  });
  const response = await exports.default.fetch("https://souk.test/health?ticket=top-secret");
  expect(response.status).toBe(200);
  expect(sent).toEqual([]);
  await vi.waitFor(() => expect(sent).toHaveLength(1), { timeout: 15_000 });
  expect(sent[0]?.url).toBe("https://collector.test/v1/traces");
  expect(sent[0]?.body).toContain('"name":"GET /health"');
  expect(sent[0]?.body).not.toContain("top-secret");
  outside.mockRestore();
});
