import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flagsOf } from "./flags-of.ts";

const percent = fc.integer({ min: 0, max: 100 });
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);

describe("a flag", () => {
  it("that somebody has, they keep while its percentage rises", () => {
    fc.assert(
      fc.property(name, fc.uuid(), percent, percent, (flag, userId, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const before = flagsOf({ [flag]: low }, userId)[flag];
        if (before === true) expect(flagsOf({ [flag]: high }, userId)[flag]).toBe(true);
        expect(flagsOf({ [flag]: low, other: high }, userId)[flag]).toBe(before);
      }),
    );
  });

  it("is on for all at 100 and for nobody at 0; strangers have no other", () => {
    fc.assert(
      fc.property(name, fc.option(fc.uuid()), (flag, userId) => {
        expect(flagsOf({ [flag]: 100 }, userId)).toEqual({ [flag]: true });
        expect(flagsOf({ [flag]: 0 }, userId)).toEqual({ [flag]: false });
        expect(flagsOf({ [flag]: 99 }, null)).toEqual({ [flag]: false });
      }),
    );
  });

  it.each([1, 25, 50, 90])("at %i %% is on for about so many, drawn anew for each flag", (percentage) => {
    const people = Array.from({ length: 20_000 }, () => crypto.randomUUID());
    const have = (flag: string) => people.filter((id) => flagsOf({ [flag]: percentage }, id)[flag]);
    const [first, second] = [have("first"), new Set(have("second"))];
    expect(first.length / people.length).toBeCloseTo(percentage / 100, 1);
    const both = first.filter((id) => second.has(id)).length / people.length;
    expect(Math.abs(both - (percentage / 100) ** 2)).toBeLessThan(0.02);
  });
});
