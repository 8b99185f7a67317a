import fc from "fast-check";
import { expect, it } from "vitest";
import { changesOf } from "./changes-of.ts";
import { NO_SETTINGS, type Settings } from "./settings.ts";

const UNTIL = "2026-12-01T00:00:00.000Z";
const BUSY: Settings = {
  maintenance: { covers: "writes", message: "Back soon", retryAfter: 60 },
  closedRoutes: ["POST /api/v1/alerts"],
  flags: { a: 5, b: 10 },
  quotas: [{ for: "premium", limit: 10, until: UNTIL }],
};

it("names what was set, changed and taken away, and nothing else", () => {
  expect(changesOf(BUSY, BUSY)).toEqual([]);
  expect(changesOf(NO_SETTINGS, { ...NO_SETTINGS, closedRoutes: BUSY.closedRoutes })).toEqual([
    { setting: "closedRoutes/POST /api/v1/alerts", before: null, after: true },
  ]);
  expect(changesOf(BUSY, { ...BUSY, maintenance: null, flags: { a: 5, b: 20 }, quotas: [] })).toEqual([
    { setting: "maintenance", before: BUSY.maintenance, after: null },
    { setting: "flags/b", before: 10, after: 20 },
    { setting: "quotas/premium", before: { limit: 10, until: UNTIL }, after: null },
  ]);
});

it("of any flags tells what leads from the ones to the others", () => {
  const flags = fc.dictionary(fc.stringMatching(/^[a-d]$/), fc.integer({ min: 0, max: 2 }));
  fc.assert(
    fc.property(flags, flags, (one, other) => {
      const led = new Map(Object.entries(one));
      for (const { setting, after } of changesOf(
        { ...NO_SETTINGS, flags: one },
        { ...NO_SETTINGS, flags: other },
      )) {
        const flag = setting.slice("flags/".length);
        if (after === null) led.delete(flag);
        else led.set(flag, Number(after));
      }
      expect(Object.fromEntries(led)).toEqual({ ...other });
    }),
  );
});
