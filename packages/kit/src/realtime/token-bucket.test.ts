import fc from "fast-check";
import { expect, it } from "vitest";
import { takeToken, type Bucket } from "./token-bucket.ts";

const RATE = { perSecond: 10, burst: 5 };

it("allows a burst, then so many a second", () => {
  let bucket: Bucket | undefined;
  const take = (now: number) => {
    const taken = takeToken(bucket, RATE, now);
    ({ bucket } = taken);
    return taken;
  };
  expect(Array.from({ length: 6 }, () => take(0).allowed)).toEqual([true, true, true, true, true, false]);
  expect(take(100).retryAfter).toBeCloseTo(0.1);
  expect(take(1000).allowed).toBe(true);
  // However long nobody asks, no more than a burst is saved up.
  expect(Array.from({ length: 6 }, () => take(1_000_000).allowed).filter(Boolean)).toHaveLength(5);
});

it("never allows more than a burst and what has come since, however it is asked", () => {
  const waits = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 100 });
  fc.assert(
    fc.property(waits, (all) => {
      let bucket: Bucket | undefined;
      let now = 0;
      let allowed = 0;
      for (const wait of all) {
        now += wait;
        const taken = takeToken(bucket, RATE, now);
        ({ bucket } = taken);
        if (taken.allowed) allowed++;
        expect(taken.flooding).toBe(bucket.tokens === -RATE.burst);
      }
      expect(allowed).toBeLessThanOrEqual(RATE.burst + (now / 1000) * RATE.perSecond + 1e-6);
    }),
  );
});

it("tells who goes on regardless, and not who keeps to the rate", () => {
  let bucket: Bucket | undefined;
  for (let frame = 0; frame < 200; frame++) {
    const taken = takeToken(bucket, RATE, frame * 100);
    ({ bucket } = taken);
    expect(taken).toMatchObject({ allowed: true, flooding: false });
  }
  const flood = Array.from({ length: 20 }, () => {
    const taken = takeToken(bucket, RATE, 20_000);
    ({ bucket } = taken);
    return taken.flooding;
  });
  expect(flood.at(-1)).toBe(true);
});
