import { afterEach, expect, it, vi } from "vitest";
import { BaseEnv } from "./config.ts";
import { runCrons } from "./cron.ts";
import type { OtlpSpan } from "./otlp-span.ts";

afterEach(() => vi.restoreAllMocks());

/** Runs a job an hour late, and tells the spans that were sent of it. */
async function spansOfRun(job: () => Promise<void>) {
  const bodies: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    bodies.push(await new Request(input, init).text());
    return new Response("{}");
  });
  const after: Promise<unknown>[] = [];
  const env = { VERSION: "1", LOG_LEVEL: "fatal", OTLP_ENDPOINT: "https://collector.test" };
  const scheduledTime = Date.now() - 3_600_000;
  const run = runCrons(BaseEnv, "test", { "* * * * *": job })(
    { cron: "* * * * *", scheduledTime },
    { ...env },
    { waitUntil: (work) => void after.push(work) },
  );
  const failed = await run.then(
    () => false,
    () => true,
  );
  await Promise.all(after);
  const sent = bodies.map(
    (body) => JSON.parse(body) as { resourceSpans: [{ scopeSpans: [{ spans: OtlpSpan[] }] }] },
  );
  return { failed, spans: sent.flatMap(({ resourceSpans: [{ scopeSpans }] }) => scopeSpans[0].spans) };
}

it("sends a span of its run at once, at the time that it really was", async () => {
  const { failed, spans } = await spansOfRun(async () => {});
  expect(failed).toBe(false);
  expect(spans).toMatchObject([{ name: "cron * * * * *", kind: 1 }]);
  expect(spans[0]?.status).toEqual({});
  expect(Number(spans[0]?.endTimeUnixNano) / 1e6).toBeGreaterThan(Date.now() - 60_000);
});

it("tells a run that failed, and fails all the same", async () => {
  const { failed, spans } = await spansOfRun(() => Promise.reject(new Error("away")));
  expect(failed).toBe(true);
  expect(spans).toMatchObject([{ status: { code: 2 } }]);
});
