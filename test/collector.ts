import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const Value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ intValue: z.string() }).transform(({ intValue }) => Number(intValue)),
]);
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])));
const Span = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  startTimeUnixNano: z.string().transform(BigInt),
  endTimeUnixNano: z.string().transform(BigInt),
  attributes: Attributes,
  status: z.object({ code: z.int().optional() }),
});
const ExportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
});

/** A span, with the name of the Worker that sent it. */
export type CollectedSpan = z.infer<typeof Span> & { service: string };

export interface Collector {
  url: string;
  /** The spans of one trace that have come so far. */
  spansOf: (traceId: string) => CollectedSpan[];
  /** Those of a Worker, of whatever trace. */
  spansBy: (service: string) => CollectedSpan[];
  close: () => void;
}

/** More traces than these are not kept: suites make many, and only their own are asked for. */
const MAX_TRACES = 10_000;

/** A collector as operators run one: it takes OTLP/HTTP in JSON, and answers 400 to what is none. */
export async function startCollector(): Promise<Collector> {
  const traces = new Map<string, CollectedSpan[]>();
  const keep = (span: CollectedSpan) => {
    const [oldest] = traces.keys();
    if (traces.size >= MAX_TRACES && oldest !== undefined) traces.delete(oldest);
    traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  };
  const server = createServer((request, response) => {
    void json(request)
      .then((body) => {
        for (const { resource, scopeSpans } of ExportRequest.parse(body).resourceSpans)
          for (const span of scopeSpans.flatMap(({ spans }) => spans))
            keep({ ...span, service: String(resource.attributes["service.name"]) });
        response.writeHead(request.method === "POST" && request.url === "/v1/traces" ? 200 : 404).end("{}");
      })
      .catch(() => response.writeHead(400).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spansOf: (traceId) => traces.get(traceId) ?? [],
    spansBy: (service) => [...traces.values()].flat().filter((span) => span.service === service),
    close: () => void server.close(),
  };
}
