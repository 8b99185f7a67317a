import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerMemory } from "./answer-memory.ts";

const MAX = 4_000;
const MAX_ANSWER = 2_000;
const answer = (size: number, asOf: number) => ({
  body: new ArrayBuffer(size),
  headers: [],
  etag: `"${asOf}"`,
  asOf,
});

const step = fc.record({
  key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  size: fc.nat(1_800),
  asOf: fc.nat(50),
  write: fc.boolean(),
});

describe("the memory of answers", () => {
  it("agrees with a plain list, and never holds more than its bytes, for any reads and writes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = new AnswerMemory(MAX, MAX_ANSWER);
        let model: { key: string; bytes: number; asOf: number }[] = [];
        const held = () => model.reduce((sum, { bytes }) => sum + bytes, 0);
        for (const { key, size, asOf, write } of steps) {
          const known = model.find((entry) => entry.key === key);
          if (write) {
            memory.set(key, answer(size, asOf));
            const bytes = size + 2 * key.length + 512;
            if (bytes <= MAX_ANSWER && (known === undefined || known.asOf < asOf)) {
              model = [...model.filter((entry) => entry !== known), { key, bytes, asOf }];
              while (held() > MAX) model = model.slice(1);
            }
          } else {
            expect(memory.get(key)?.asOf).toBe(known?.asOf);
            if (known !== undefined) model = [...model.filter((entry) => entry !== known), known];
          }
          expect(memory.bytes).toBe(held());
          expect(memory.bytes).toBeLessThanOrEqual(MAX);
        }
      }),
    );
  });

  it("notes a failure until its time or a new answer", () => {
    const memory = new AnswerMemory(MAX, MAX_ANSWER);
    memory.postpone("a", 100);
    expect(memory.isPostponed("a", 50)).toBe(false);
    memory.set("a", answer(1, 1));
    memory.postpone("a", 100);
    expect([memory.isPostponed("a", 99), memory.isPostponed("a", 100)]).toEqual([true, false]);
    memory.set("a", answer(1, 1));
    expect(memory.isPostponed("a", 50)).toBe(true);
    memory.set("a", answer(1, 2));
    expect(memory.isPostponed("a", 50)).toBe(false);
  });
});
