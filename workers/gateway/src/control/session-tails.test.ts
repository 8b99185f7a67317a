import { uuidv7 } from "@souk/kit/ids";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SessionTails, sessionTails } from "./session-tails.ts";

const sessionId = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map(uuidv7);

describe("the ends of session ids", () => {
  it("tell what the set of the ids tells", () => {
    fc.assert(
      fc.property(
        fc.array(sessionId, { maxLength: 200 }),
        fc.array(sessionId, { maxLength: 20 }),
        (ids, others) => {
          const tails = new SessionTails(sessionTails(ids));
          const set = new Set(ids);
          for (const id of [...ids, ...others]) expect(tails.has(id)).toBe(set.has(id));
        },
      ),
    );
  });

  it("tell neighbours apart, whatever half of the end differs", () => {
    const ids = ["8000-000000000000", "8000-000000000002", "bfff-ffffffffffff", "8000-000100000000"].map(
      (end) => `019a0000-0000-7000-${end}`,
    );
    const tails = new SessionTails(sessionTails(ids));
    expect(ids.map((id) => tails.has(id))).toEqual([true, true, true, true]);
    for (const end of ["8000-000000000001", "8000-000000000003", "bfff-fffffffffffe", "8000-000100000001"])
      expect(tails.has(`019a0000-0000-7000-${end}`)).toBe(false);
    expect(new SessionTails(sessionTails([])).has(ids[0] ?? "")).toBe(false);
  });

  it("take 8 bytes each, in a part of a larger buffer too", () => {
    const ids = Array.from({ length: 100 }, (_, n) => uuidv7(new Date(n)));
    const tails = sessionTails(ids);
    expect(tails.byteLength).toBe(800);
    const part = new Uint8Array(1_000);
    part.set(tails, 100);
    const moved = new SessionTails(part.subarray(100, 900));
    expect(ids.every((id) => moved.has(id))).toBe(true);
  });
});
