import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startSpan, traceparent } from "./trace.ts";

describe("startSpan", () => {
  it("goes on in the caller's trace with a span of its own", () => {
    const parent = startSpan(null);
    const child = startSpan(traceparent(parent));
    expect(child.traceId).toBe(parent.traceId);
    expect(child.spanId).not.toBe(parent.spanId);
  });

  it("keeps the caller's decision not to sample", () => {
    expect(startSpan("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").sampled).toBe(false);
  });

  it.each([
    "",
    "garbage",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
  ])("begins a new trace on %j", (header) => {
    const trace = startSpan(header);
    expect(traceparent(trace)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
    expect(header).not.toContain(trace.traceId);
  });

  it("reads later versions by the first one's rules", () => {
    const header = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more";
    expect(startSpan(header).traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  });

  it("makes a valid header from any text", () => {
    fc.assert(
      fc.property(fc.string(), (header) =>
        /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/.test(traceparent(startSpan(header))),
      ),
    );
  });
});
