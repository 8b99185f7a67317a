import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Instant } from "./instant.ts";

describe("a moment from outside", () => {
  it("is the same moment in UTC", () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date("0001-01-02T00:00:00Z"),
          max: new Date("9999-12-30T00:00:00Z"),
          noInvalidDate: true,
        }),
        (time) => {
          expect(Instant.parse(time.toISOString())).toBe(time.toISOString());
        },
      ),
    );
    expect(Instant.parse("2026-01-01T00:30:00+20:30")).toBe("2025-12-31T04:00:00.000Z");
  });

  it.each([
    "0000-06-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z",
    "2026-01-01",
    "yesterday",
    "+010000-01-01T00:00:00Z",
  ])("is not %s", (text) => expect(Instant.safeParse(text).success).toBe(false));
});
