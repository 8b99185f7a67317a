import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readCursor, toPage } from "./pagination.ts";

const Position = z.tuple([z.string(), z.number()]);

describe("cursors", () => {
  it("give every row once, in order, for any rows and page size", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (keys, limit) => {
          const rows = keys.toSorted().map((key) => ({ key }));
          const seen: string[] = [];
          let cursor: string | null = null;
          for (let pages = 0; pages <= rows.length; pages++) {
            const after: string | undefined = cursor === null ? undefined : readCursor(Position, cursor)[0];
            const rest: { key: string }[] = rows
              .filter(({ key }) => after === undefined || key > after)
              .slice(0, limit + 1);
            const page: { items: { key: string }[]; nextCursor: string | null } = toPage(
              rest,
              limit,
              ({ key }) => [key, 1],
            );
            seen.push(...page.items.map(({ key }) => key));
            cursor = page.nextCursor;
            if (cursor === null) break;
          }
          expect(seen).toEqual(rows.map(({ key }) => key));
        },
      ),
    );
  });

  it("refuse everything that we did not make", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          readCursor(Position, text);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_cursor" });
        }
      }),
    );
    for (const text of ["", "!!!", btoa("[1]"), btoa("null"), btoa('["a"]'), "8J-Y"]) {
      expect(() => readCursor(Position, text)).toThrow(expect.objectContaining({ code: "invalid_cursor" }));
    }
  });
});
