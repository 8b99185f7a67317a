import fc from "fast-check";
import { expect, it } from "vitest";
import { cacheKey } from "./cache-key.ts";

const DECLARED = ["a", "b", "c"];
const query = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...DECLARED), fc.string({ unit: "grapheme", maxLength: 8 })),
  {
    selector: ([name]) => name,
  },
);
/** A query as a caller may spell it: in any order, any byte escaped or not. */
const spelling = (pairs: [string, string][]) =>
  fc.tuple(fc.shuffledSubarray(pairs, { minLength: pairs.length }), fc.boolean()).map(([order, escaped]) => {
    const spell = (text: string) =>
      escaped
        ? [...new TextEncoder().encode(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
        : encodeURIComponent(text);
    return order.length === 0
      ? ""
      : `?${order.map(([name, value]) => `${spell(name)}=${spell(value)}`).join("&")}`;
  });

it("is one for all spellings of a query, and another for each other query", () => {
  const two = fc.tuple(query, query).chain(([one, other]) =>
    fc.record({
      one: fc.constant(one),
      other: fc.constant(other),
      spellings: fc.tuple(spelling(one), spelling(one), spelling(other)),
    }),
  );
  fc.assert(
    fc.property(two, ({ one, other, spellings: [first, second, third] }) => {
      const [a, b, c] = [first, second, third].map((search) => cacheKey("/p", search, DECLARED));
      expect(a).not.toBeNull();
      expect(a).toBe(b);
      expect(a === c).toBe(
        one.length === other.length &&
          one.every(([name, value]) => other.some(([n, v]) => n === name && v === value)),
      );
    }),
  );
});

it("is none for what the route does not declare, for a parameter twice and for a long query", () => {
  for (const search of ["?d=1", "?a=1&a=1", "?A=1", "?a[]=1", `?a=${"x".repeat(1_024)}`])
    expect(cacheKey("/p", search, DECLARED)).toBeNull();
  for (const search of ["", "?", "?&"]) expect(cacheKey("/p", search, DECLARED)).toBe("/p");
});
