import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataKeys, dataKeyId, seal, unseal } from "./envelope.ts";

const secretOf = (byte: number) => Buffer.alloc(32, byte).toString("base64url");
const keysOf = (...bytes: number[]) => DataKeys.parse(bytes.map(secretOf));
const keys = keysOf(1);
const place = { purpose: "totp", rowId: "row 1" };

describe("a sealed value", () => {
  it("opens to the same text, and is never the same twice", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        const sealed = await seal(keys, text, place);
        expect(await unseal(keys, sealed, place)).toBe(text);
        expect(await seal(keys, text, place)).not.toBe(sealed);
      }),
      { numRuns: 50 },
    );
  });

  it("opens with an older key while a newer one seals, and no more when that key is gone", async () => {
    const old = await seal(keysOf(1), "secret", place);
    expect(await unseal(keysOf(2, 1), old, place)).toBe("secret");
    const fresh = await seal(keysOf(2, 1), "secret", place);
    expect(fresh.split(".")[0]).toBe(await dataKeyId(keysOf(2)[0]));
    expect(await unseal(keysOf(2), fresh, place)).toBe("secret");
    await expect(unseal(keysOf(2), old, place)).rejects.toThrow(/data key that is not there/);
  });

  it("opens in its own row and for its own purpose alone", async () => {
    const sealed = await seal(keys, "secret", place);
    await expect(unseal(keys, sealed, { ...place, rowId: "row 2" })).rejects.toThrow();
    await expect(unseal(keys, sealed, { ...place, purpose: "other" })).rejects.toThrow();
    await expect(unseal(keys, sealed, { purpose: "totp row", rowId: "1" })).rejects.toThrow();
  });

  it("does not open when any byte of it was changed", async () => {
    const sealed = await seal(keys, "secret", place);
    const start = sealed.indexOf(".") + 1;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: start, max: sealed.length - 3 }), async (at) => {
        const other = sealed[at] === "A" ? "B" : "A";
        await expect(
          unseal(keys, sealed.slice(0, at) + other + sealed.slice(at + 1), place),
        ).rejects.toThrow();
      }),
      { numRuns: 40 },
    );
    const [id, wrapped, text] = sealed.split(".");
    const [, otherWrapped, otherText] = (await seal(keys, "other", place)).split(".");
    await expect(unseal(keys, [id, otherWrapped, text].join("."), place)).rejects.toThrow();
    await expect(unseal(keys, [id, wrapped, otherText].join("."), place)).rejects.toThrow();
    for (const broken of ["", ".", "..", String(id), `${id}.${wrapped}`])
      await expect(unseal(keys, broken, place)).rejects.toThrow();
  });
});

it("keys are 32 bytes each, and there is at least one", () => {
  const short = Buffer.alloc(31).toString("base64url");
  for (const wrong of [[], [short], ["no base64!"], [secretOf(1), short]])
    expect(DataKeys.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
});
