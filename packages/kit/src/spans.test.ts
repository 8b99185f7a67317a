import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createContext } from "./context.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { requestWork } from "./request-span.ts";
import { sendSpans, sendSpansSoon } from "./spans.ts";

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
let collectorAnswers = 200;
const collector = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ url: request.url, type: request.headers["content-type"], body });
    response.writeHead(collectorAnswers).end("{}");
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
    },
  );
const answered = {
  method: "GET",
  path: "/api/v1/people/ada",
  route: "/api/v1/people/:username",
  status: 200,
  ms: 50,
};
const request = new Request("https://souk.test/people/ada?ticket=top-secret", {
  headers: { "user-agent": "test/1" },
});
const answer = (context: ReturnType<typeof contextOf>, status = 200) => {
  context.spans?.own(requestWork(context, { ...answered, status }, request));
  sendSpansSoon(context);
};
const parent = (flags: string) => `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-${flags}`;

/** Turns the clock to the moment of sending, and waits until it is done. */
async function flushed() {
  if (vi.isFakeTimers()) vi.runAllTimers();
  vi.useRealTimers();
  await Promise.all(after.splice(0));
  const bodies = received.splice(0);
  return bodies.map(({ url, type, body }) => ({ url, type, json: ExportRequest.parse(JSON.parse(body)) }));
}
const fake = () => vi.useFakeTimers({ toFake: ["setTimeout", "Date"], now: NOW });

describe("the spans of an isolate", () => {
  it("sends the spans of sampled traces in one batch, as OTLP has them", async () => {
    fake();
    const context = contextOf(parent("01"));
    answer(context);
    answer(contextOf(parent("01")), 503);
    answer(contextOf(parent("00")));
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
      name: "GET /api/v1/people/:username",
      kind: 2,
      startTimeUnixNano: "1790856000200000000",
      endTimeUnixNano: "1790856000250000000",
      attributes: [
        { key: "http.method", value: { stringValue: "GET" } },
        { key: "http.url", value: { stringValue: "https://souk.test/api/v1/people/:username" } },
        { key: "http.route", value: { stringValue: "/api/v1/people/:username" } },
        { key: "http.user_agent", value: { stringValue: "test/1" } },
        { key: "http.status_code", value: { intValue: "200" } },
        { key: "request.id", value: { stringValue: "r-1" } },
      ],
      status: {},
    });
    expect(failed?.status).toEqual({ code: 2 });
    expect(JSON.stringify(sent)).not.toMatch(/top-secret|ada/);
  });

  it("goes on after a collector that refuses or is not there, and says so", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    collectorAnswers = 503;
    for (const target of [endpoint, "http://127.0.0.1:1"]) {
      fake();
      answer(contextOf(parent("01"), target));
      await flushed();
    }
    expect(warn.mock.calls.map(([line]: string[]) => JSON.parse(line ?? "null") as unknown)).toEqual([
      expect.objectContaining({ message: "spans are lost", spans: 1 }),
      expect.objectContaining({ message: "spans are lost", spans: 1 }),
    ]);
    warn.mockRestore();
    collectorAnswers = 200;
    fake();
    answer(contextOf(parent("01")));
    expect(await flushed()).toHaveLength(1);
  });

  it("are not made without a collector", async () => {
    fake();
    const context = contextOf(parent("01"), "");
    expect(context.spans).toBeNull();
    answer(context);
    sendSpans(context);
    expect(await flushed()).toEqual([]);
  });

  it("hold what was waited for, below the invocation that waited", async () => {
    const context = contextOf(parent("01"));
    context.spans?.child({ name: "SELECT", kind: "client", ms: 2, failed: false, attributes: {} });
    context.spans?.own({ name: "cron", kind: "internal", ms: 5, failed: true, attributes: {} });
    sendSpans(context);
    const [sent] = await flushed();
    const [child, own] = sent?.json.resourceSpans[0].scopeSpans[0].spans ?? [];
    expect(child).toMatchObject({ name: "SELECT", kind: 3, parentSpanId: own?.spanId });
    expect(child?.spanId).not.toBe(own?.spanId);
    expect(own).toMatchObject({ kind: 1, parentSpanId: "00f067aa0ba902b7", status: { code: 2 } });
  });
});
