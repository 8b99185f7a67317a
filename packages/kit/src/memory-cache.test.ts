import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryCache } from "./memory-cache.ts";

const TTL_MS = 100;
const MAX = 3;
const at = (ms: number): Date => new Date(ms);

const step = fc.record({
  key: fc.constantFrom("a", "b", "c", "d", "e"),
  wait: fc.nat(60),
  endsIn: fc.option(fc.nat(200)),
  write: fc.boolean(),
});

describe("MemoryCache", () => {
  it("agrees with a plain list of entries, for any reads and writes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const cache = new MemoryCache<number>(TTL_MS, MAX);
        let model: { key: string; value: number; until: number }[] = [];
        let now = 0;
        for (const [value, { key, wait, endsIn, write }] of steps.entries()) {
          now += wait;
          if (write) {
            cache.set(key, value, at(now), endsIn === null ? null : at(now + endsIn));
            const entry = { key, value, until: now + Math.min(TTL_MS, endsIn ?? TTL_MS) };
            const known = model.some((other) => other.key === key);
            if (!known && model.length === MAX) model = model.slice(1);
            model = known ? model.map((other) => (other.key === key ? entry : other)) : [...model, entry];
          }
          const expected = model.find((entry) => entry.key === key && now < entry.until)?.value;
          expect(cache.get(key, at(now))).toBe(expected);
        }
      }),
    );
  });

  it("forgets all when told", () => {
    const cache = new MemoryCache<number>(TTL_MS, MAX);
    cache.set("a", 1, at(0));
    cache.clear();
    expect(cache.get("a", at(0))).toBeUndefined();
  });
});
