import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unstorableTexts } from "./storable-text.ts";

describe("texts that the database cannot keep", () => {
  it.each([
    [{ note: "a\u0000" }, "note"],
    [{ list: ["ok", "\ud800"] }, "list.1"],
    [{ a: { b: "\udc00x" } }, "a.b"],
    [{ "\u0000": 1 }, ""],
    ["\u0000", ""],
  ])("are found in %j", (json, field) => {
    expect(unstorableTexts(json)).toEqual([{ field, message: expect.any(String) }]);
  });

  it("are none where every text is whole", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (json) => {
        expect(unstorableTexts(JSON.parse(JSON.stringify(json).replaceAll("\\u0000", "")))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("are sought at any depth", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(200_000)}"\\u0000"${"]".repeat(200_000)}`);
    expect(unstorableTexts(deep)).toHaveLength(1);
  });
});
