import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePrometheus, type Sample } from "../../test/parse-prometheus.ts";
import { Env } from "../env.ts";
import { BUCKETS, type Batch } from "./batch.ts";
import { prometheusText } from "./prometheus-text.ts";
import { RequestTally } from "./request-tally.ts";

const { METRICS } = Env.parse(env);
const NOW = Date.UTC(2026, 9, 1);

/** A Metrics object of the test's own, and a way to send to it. */
function sum() {
  const object = METRICS.getByName(crypto.randomUUID());
  const send = async (batch: Batch): Promise<void> => object.add(batch, NOW);
  const samples = async (now = NOW) => parsePrometheus(await object.text(now)).samples;
  return { object, send, samples };
}
const valueOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}) =>
  samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries({ ...sample.labels, ...labels }).every(([key, value]) => sample.labels[key] === value),
  )?.value;
const isolate = () => new RequestTally(crypto.randomUUID());

const request = fc.record({
  method: fc.constantFrom("GET", "POST"),
  route: fc.constantFrom("/a", "/b/:id", '/"\\\n'),
  status: fc.constantFrom(200, 404, 500),
  ms: fc.integer({ min: 0, max: 7_000 }),
});

describe("many isolates", () => {
  it("sum up: whoever counted what, and however often it was sent", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(request, fc.nat(2), fc.constantFrom("keep", "send", "lose", "repeat")), {
          maxLength: 40,
        }),
        async (steps) => {
          const { send, samples } = sum();
          const isolates = [isolate(), isolate(), isolate()];
          for (const [{ method, route, status, ms }, at, what] of steps) {
            const tally = isolates[at];
            tally?.begin();
            tally?.end(method, route, status, ms / 1000);
            if (what === "send") await tally?.flush(send);
            // The batch arrives and its answer does not, or it does not arrive at all: it is sent again.
            if (what === "repeat" || what === "lose") {
              await tally
                ?.flush(async (batch) => {
                  if (what === "repeat") await send(batch);
                  throw new Error("no answer");
                })
                .catch(() => {});
            }
          }
          for (const tally of isolates) await tally.flush(send);

          const read = await samples();
          const of = (name: string) => read.filter((sample) => sample.name === name);
          const total = of("http_requests_total").reduce((all, { value }) => all + value, 0);
          expect(total).toBe(steps.length);
          for (const { labels, value } of of("http_requests_total")) {
            const same = steps.filter(
              ([one]) =>
                one.method === labels["method"] &&
                one.route === labels["route"] &&
                String(one.status) === labels["status_code"],
            );
            expect(value).toBe(same.length);
          }
          for (const { labels, value } of of("http_request_duration_seconds_bucket")) {
            const within = steps.filter(
              ([one]) =>
                one.method === labels["method"] &&
                one.route === labels["route"] &&
                (labels["le"] === "+Inf" || one.ms / 1000 <= Number(labels["le"])),
            );
            expect(value).toBe(within.length);
          }
          expect(valueOf(read, "active_connections")).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("lose nothing when two flush at once, in whatever order the batches come", async () => {
    const { send, samples } = sum();
    const tally = isolate();
    const count = () => (tally.begin(), tally.end("GET", "/a", 200, 0));
    const held: (() => void)[] = [];
    const slowly = async (batch: Batch) => {
      await new Promise<void>((resolve) => void held.push(resolve));
      await send(batch);
    };
    count();
    const flushes = [tally.flush(slowly)];
    count();
    flushes.push(tally.flush(slowly), tally.flush(slowly));
    const done = Promise.all(flushes).then(() => true);
    while (!(await Promise.race([done, Promise.resolve(false)]))) {
      held.pop()?.();
      await samples();
    }
    expect(valueOf(await samples(), "http_requests_total", { route: "/a" })).toBe(2);
  });

  it("keep their sum when the object loses its memory", async () => {
    const { object, send, samples } = sum();
    const tally = isolate();
    tally.begin();
    tally.end("GET", "/a", 200, 0.25);
    await tally.flush(send);
    await evictDurableObject(object);
    tally.begin();
    tally.end("GET", "/a", 200, 0.5);
    await tally.flush(send);
    const read = await samples();
    expect(valueOf(read, "http_requests_total", { route: "/a" })).toBe(2);
    expect(valueOf(read, "http_request_duration_seconds_sum", { route: "/a" })).toBe(0.75);
  });

  it("tell how many requests are under way, until they are silent for long", async () => {
    const { send, samples } = sum();
    const [one, two] = [isolate(), isolate()];
    for (const tally of [one, one, two]) tally.begin();
    for (const tally of [one, two]) await tally.flush(send);
    expect(valueOf(await samples(), "active_connections")).toBe(3);
    one.end("GET", "/a", 200, 1);
    await one.flush(send);
    expect(valueOf(await samples(), "active_connections")).toBe(2);
    expect(valueOf(await samples(NOW + 30_001), "active_connections")).toBe(0);
  });
});

describe("the text", () => {
  it("has the buckets of S3-OBS-02, each with all that was faster", () => {
    const { types, samples } = parsePrometheus(
      prometheusText(
        [{ method: "GET", route: "/a", status: 200, count: 21, seconds: 30.5, buckets: [1, 2, 3, 4, 5, 6] }],
        7,
      ),
    );
    expect(types).toEqual({
      http_requests_total: "counter",
      http_request_duration_seconds: "histogram",
      active_connections: "gauge",
    });
    expect(BUCKETS).toEqual([0.1, 0.5, 1, 2, 5]);
    const buckets = samples.filter(({ name }) => name === "http_request_duration_seconds_bucket");
    expect(buckets.map(({ labels, value }) => [labels["le"], value])).toEqual([
      ["0.1", 1],
      ["0.5", 3],
      ["1", 6],
      ["2", 10],
      ["5", 15],
      ["+Inf", 21],
    ]);
    expect(valueOf(samples, "http_request_duration_seconds_sum")).toBe(30.5);
    expect(valueOf(samples, "http_request_duration_seconds_count")).toBe(21);
    expect(valueOf(samples, "active_connections")).toBe(7);
  });

  it("has no more methods than there are, whatever callers invent", async () => {
    const { send, samples } = sum();
    const tally = isolate();
    for (const method of ["GET", "X-1", "X-2", "X-3"]) {
      tally.begin();
      tally.end(method, "/*", 404, 0);
    }
    await tally.flush(send);
    const methods = (await samples())
      .filter(({ name }) => name === "http_requests_total")
      .map(({ labels, value }) => [labels["method"], value]);
    expect(methods).toEqual([
      ["GET", 1],
      ["other", 3],
    ]);
  });
});
