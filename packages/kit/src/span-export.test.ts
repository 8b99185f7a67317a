import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createContext } from "./context.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { exportSpan } from "./span-export.ts";

const ExportRequest = z.object({
  resourceSpans: z.tuple([
    z.object({
      resource: z.object({ attributes: z.array(z.unknown()) }),
      scopeSpans: z.tuple([z.object({ spans: z.array(z.custom<OtlpSpan>()) })]),
    }),
  ]),
});

/** A collector: it keeps what it is sent. */
const received: { url: string | undefined; type: string | undefined; body: string }[] = [];
let answer = 200;
const collector = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ url: request.url, type: request.headers["content-type"], body });
    response.writeHead(answer).end("{}");
  });
});
let endpoint = "";
beforeAll(async () => {
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterAll(() => void collector.close());

const NOW = new Date("2026-10-01T12:00:00.250Z");
const after: Promise<unknown>[] = [];
const contextOf = (traceparent: string, target = endpoint) =>
  createContext(
    { VERSION: "0.1.0", LOG_LEVEL: "warn" as const, OTLP_ENDPOINT: target },
    {
      service: "gateway",
      waitUntil: (work) => void after.push(work),
      traceparent,
      tracestate: "foo=1",
      requestId: "r-1",
      now: () => NOW,
    },
  );
const answered = {
  method: "GET",
  path: "/api/v1/alerts/7",
  route: "/api/v1/alerts/:id",
  status: 200,
  ms: 50,
};
const request = new Request("https://souk.test/alert/7?ticket=top-secret", {
  headers: { "user-agent": "test/1" },
});
const parent = (flags: string) => `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-${flags}`;

/** Turns the clock to the moment of sending, and waits until it is done. */
async function flushed() {
  vi.runAllTimers();
  vi.useRealTimers();
  await Promise.all(after.splice(0));
  const bodies = received.splice(0);
  return bodies.map(({ url, type, body }) => ({ url, type, json: ExportRequest.parse(JSON.parse(body)) }));
}
const fake = () => vi.useFakeTimers({ toFake: ["setTimeout"] });

describe("exportSpan", () => {
  it("sends the spans of sampled traces in one batch, as OTLP has them", async () => {
    fake();
    const context = contextOf(parent("01"));
    exportSpan(context, answered, request);
    exportSpan(contextOf(parent("01")), { ...answered, status: 503 }, request);
    exportSpan(contextOf(parent("00")), answered, request);
    const [sent, ...more] = await flushed();
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ url: "/v1/traces", type: "application/json" });
    const resource = sent?.json.resourceSpans[0];
    expect(resource?.resource.attributes).toContainEqual({
      key: "service.name",
      value: { stringValue: "gateway" },
    });
    const [span, failed, ...others] = resource?.scopeSpans[0].spans ?? [];
    expect(others).toEqual([]);
    expect(span).toEqual({
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      spanId: context.trace.spanId,
      parentSpanId: "00f067aa0ba902b7",
      traceState: "foo=1",
      name: "GET /api/v1/alerts/:id",
      kind: 2,
      startTimeUnixNano: "1790856000200000000",
      endTimeUnixNano: "1790856000250000000",
      attributes: [
        { key: "http.method", value: { stringValue: "GET" } },
        { key: "http.url", value: { stringValue: "https://souk.test/api/v1/alerts/7" } },
        { key: "http.route", value: { stringValue: "/api/v1/alerts/:id" } },
        { key: "http.user_agent", value: { stringValue: "test/1" } },
        { key: "http.status_code", value: { intValue: "200" } },
        { key: "request.id", value: { stringValue: "r-1" } },
      ],
      status: {},
    });
    expect(failed?.status).toEqual({ code: 2 });
    expect(JSON.stringify(sent)).not.toContain("top-secret");
  });

  it("goes on after a collector that refuses or is not there, and says so", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    answer = 503;
    for (const target of [endpoint, "http://127.0.0.1:1"]) {
      fake();
      exportSpan(contextOf(parent("01"), target), answered, request);
      await flushed();
    }
    expect(warn.mock.calls.map(([line]: string[]) => JSON.parse(line ?? "null") as unknown)).toEqual([
      expect.objectContaining({ message: "spans are lost", spans: 1 }),
      expect.objectContaining({ message: "spans are lost", spans: 1 }),
    ]);
    warn.mockRestore();
    answer = 200;
    fake();
    exportSpan(contextOf(parent("01")), answered, request);
    expect(await flushed()).toHaveLength(1);
  });
});
