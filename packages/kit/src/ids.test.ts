import { describe, expect, it } from "vitest";
import { z } from "zod";
import { earliestId, uuidv7 } from "./ids.ts";

const at = (ms: number) => new Date(Date.parse("2026-01-02T03:04:05Z") + ms);

describe("ids", () => {
  it("are UUIDs of version 7 that carry their time", () => {
    const id = uuidv7(at(0));
    expect(z.uuidv7().parse(id)).toBe(id);
    expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(at(0).getTime());
  });

  it("are all different, and ordered as they were made, within a millisecond too", () => {
    const ids = Array.from({ length: 20_000 }, (_, number) => uuidv7(at(Math.floor(number / 5_000))));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
  });

  it("of a time lie between the earliest of it and the earliest of the next", () => {
    const id = uuidv7(at(1));
    expect([earliestId(at(2)), id, earliestId(at(1))].toSorted()).toEqual([
      earliestId(at(1)),
      id,
      earliestId(at(2)),
    ]);
  });
});
