import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freedAt, SlidingWindow, WINDOW_MS } from "./sliding-window.ts";

const START = Date.UTC(2026, 9, 1);
const steps = fc.array(fc.record({ wait: fc.integer({ max: 90_000, min: 0 }), count: fc.nat(50) }), {
  maxLength: 60,
});

describe("SlidingWindow", () => {
  it("never has less than what was counted in the last 60 s, nor anything older than 62 s", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const window = new SlidingWindow();
        const counted: { at: number; count: number }[] = [];
        let now = START;
        for (const { wait, count } of all) {
          now += wait;
          window.advance(now);
          window.add(count);
          counted.push({ at: now, count });
          const within = (ms: number) =>
            counted.filter(({ at }) => at > now - ms).reduce((sum, one) => sum + one.count, 0);
          expect(window.sum).toBeGreaterThanOrEqual(within(WINDOW_MS));
          expect(window.sum).toBeLessThanOrEqual(within(WINDOW_MS + 2_000));
        }
      }),
    );
  });

  it("merges grow-only: in any order and however often, the same comes out", () => {
    const tally = fc.array(
      fc.record({ cell: fc.integer({ min: START / 2_000 - 40, max: START / 2_000 }), count: fc.nat(9) }),
    );
    fc.assert(
      fc.property(tally, tally, (a, b) => {
        const merged = (...tallies: (typeof a)[]) => {
          const window = new SlidingWindow();
          window.advance(START);
          for (const one of tallies) window.merge(one);
          return window.tally();
        };
        expect(merged(a, b)).toEqual(merged(b, a, b));
      }),
    );
  });

  it("tells how much a merge added, and is copied by its tally", () => {
    const window = new SlidingWindow();
    window.advance(START);
    window.add(5);
    const copy = new SlidingWindow();
    expect(copy.merge(window.tally())).toBe(5);
    window.add(2);
    expect(copy.merge(window.tally())).toBe(2);
    expect(copy.merge(window.tally())).toBe(0);
    expect(copy.tally()).toEqual(window.tally());
  });

  it("tells when so much is free again, exactly", () => {
    const [a, b] = [new SlidingWindow(), new SlidingWindow()];
    for (const window of [a, b]) window.advance(START + 500);
    a.add(3);
    b.add(1);
    for (const window of [a, b]) window.advance(START + 10_000);
    b.add(4);
    const at = freedAt(5, a, b);
    const left = (now: number) => {
      const copies = [a, b].map((window) => {
        const copy = new SlidingWindow();
        copy.merge(window.tally());
        copy.advance(now);
        return copy.sum;
      });
      return copies.reduce((sum, one) => sum + one);
    };
    expect([left(at - 1), left(at)]).toEqual([4, 0]);
    expect(freedAt(4, a, b)).toBe(START + 62_000);
    expect(freedAt(9, a, b)).toBe(Number.POSITIVE_INFINITY);
  });
});
