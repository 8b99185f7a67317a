import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newApiKey, readApiKey } from "./api-key.ts";
import { maskText } from "./mask.ts";

describe("an API key", () => {
  it("is read back as its id and the hash that is stored", () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const { key, hash } = newApiKey(id);
        expect(key).toMatch(/^souk_[\da-f]{32}_[\da-f]{56}$/);
        expect(readApiKey(key)).toEqual({ id, hash });
        expect(hash).toMatch(/^[\da-f]{64}$/);
        expect(newApiKey(id).key).not.toBe(key);
      }),
    );
  });

  it("of which any letter was changed, lost or added is none", () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.nat(92),
        fc.constantFrom("0", "7", "a", "f", "A", "F", "_", " "),
        (id, at, letter) => {
          const { key } = newApiKey(id);
          const changed = key.slice(0, at) + letter + key.slice(at + 1);
          if (changed !== key) expect(readApiKey(changed)).toBeNull();
          expect(readApiKey(key.slice(0, at) + key.slice(at + 1))).toBeNull();
          expect(readApiKey(key.slice(0, at) + letter + key.slice(at))).toBeNull();
        },
      ),
    );
  });

  it("is hidden wherever it stands in a log", () => {
    const { key } = newApiKey(crypto.randomUUID());
    expect(maskText(`key ${key} was sent`)).toBe("key [api key] was sent");
  });
});
