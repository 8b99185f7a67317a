import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryCache } from "./memory-cache.ts";

const TTL_MS = 100;
const MAX = 3;
const GRACE_MS = 40;
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
          if (expected === undefined) model = model.filter((entry) => entry.key !== key);
        }
      }),
    );
  });

  it("sends one caller to read an ended entry anew and gives the others the old one, until the grace is over", () => {
    const cache = new MemoryCache<string>(TTL_MS, MAX, GRACE_MS);
    cache.set("a", "old", at(0));
    expect(cache.get("a", at(TTL_MS - 1))).toBe("old");
    expect(cache.get("a", at(TTL_MS))).toBeUndefined();
    for (let n = 0; n < 5; n++) expect(cache.get("a", at(TTL_MS + 1))).toBe("old");
    expect(cache.get("a", at(TTL_MS + GRACE_MS))).toBeUndefined();
    cache.set("a", "new", at(TTL_MS + GRACE_MS));
    expect(cache.get("a", at(TTL_MS + GRACE_MS))).toBe("new");
  });

  it("gives nobody an entry of which the grace, or its own end, is over", () => {
    const cache = new MemoryCache<string>(TTL_MS, MAX, GRACE_MS);
    cache.set("idle", "old", at(0));
    cache.set("ends", "old", at(0), at(TTL_MS + 10));
    for (let n = 0; n < 2; n++) expect(cache.get("idle", at(TTL_MS + GRACE_MS))).toBeUndefined();
    for (let n = 0; n < 2; n++) expect(cache.get("ends", at(TTL_MS + 10))).toBeUndefined();
  });

  it("forgets all when told", () => {
    const cache = new MemoryCache<number>(TTL_MS, MAX);
    cache.set("a", 1, at(0));
    cache.clear();
    expect(cache.get("a", at(0))).toBeUndefined();
  });
});
