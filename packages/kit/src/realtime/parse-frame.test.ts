import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { REALTIME } from "./limits.ts";
import { NO_FRAMES, parseClientFrame } from "./parse-frame.ts";

const Send = z.object({ type: z.literal("message.send"), id: z.string(), text: z.string() });
const OWN = { types: ["message.send"], schema: Send };

describe("a client's frame", () => {
  it("is one of the protocol's, or of the service's own", () => {
    expect(parseClientFrame('{"type":"ping"}', OWN)).toEqual({ is: "frame", frame: { type: "ping" } });
    const sent = { type: "message.send", id: "a", text: "hello" };
    expect(parseClientFrame(JSON.stringify(sent), OWN)).toEqual({ is: "frame", frame: sent });
    expect(parseClientFrame(JSON.stringify(sent), NO_FRAMES)).toMatchObject({
      is: "error",
      code: "unknown_frame",
      id: "a",
    });
    expect(parseClientFrame('{"type":"message.send","id":"a"}', OWN)).toMatchObject({
      is: "error",
      code: "invalid_frame",
      id: "a",
      message: expect.stringContaining("text"),
    });
  });

  it("has no text that the database could not keep", () => {
    for (const text of ["\0", "\ud800"])
      expect(parseClientFrame(JSON.stringify({ type: "message.send", id: "a", text }), OWN)).toMatchObject({
        code: "invalid_frame",
        id: "a",
      });
  });

  it("may be as large as it may be, measured in UTF-8", () => {
    const { frameBytes } = REALTIME;
    const text = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
    expect(parseClientFrame(text(frameBytes), OWN).is).toBe("error");
    expect(parseClientFrame(text(frameBytes + 1), OWN).is).toBe("too_large");
    expect(parseClientFrame(`"${"\u20ac".repeat(frameBytes / 3)}"`, OWN).is).toBe("too_large");
    expect(parseClientFrame(new ArrayBuffer(frameBytes + 1), OWN).is).toBe("too_large");
  });

  it("never makes it throw, whatever it is", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json({ stringUnit: "binary" }),
      fc
        .record({
          type: fc.oneof(
            fc.constantFrom("subscribe", "received", "__proto__", "constructor"),
            fc.jsonValue(),
          ),
        })
        .chain((frame) =>
          fc.jsonValue().map((since) => JSON.stringify({ ...frame, channel: "inbox", since, id: since })),
        ),
      fc.uint8Array().map((bytes) => bytes.slice().buffer),
    );
    fc.assert(
      fc.property(anything, (message) => {
        const parsed = parseClientFrame(message, OWN);
        if (parsed.is === "error") expect(parsed.message).not.toBe("");
        if (typeof message !== "string") expect(parsed.is).toBe("error");
      }),
      { numRuns: 1000 },
    );
  });
});
