import fc from "fast-check";
import { expect, it } from "vitest";
import { cronMatches } from "./expression.ts";

it.each([
  ["* * * * *", "2008-03-03T12:34:00Z", true],
  ["*/5 * * * *", "2008-03-03T12:35:00Z", true],
  ["*/5 * * * *", "2008-03-03T12:34:00Z", false],
  ["0 3 * * *", "2008-03-03T03:00:00Z", true],
  ["0 3 * * *", "2008-03-03T04:00:00Z", false],
  ["15,45 9-17/4 * * *", "2008-03-03T13:45:00Z", true],
  ["15,45 9-17/4 * * *", "2008-03-03T14:45:00Z", false],
  ["0 0 1 1,7 *", "2008-07-01T00:00:00Z", true],
  ["0 0 1 1,7 *", "2008-08-01T00:00:00Z", false],
  ["0 0 * * 1", "2008-03-02T00:00:00Z", true],
  ["0 0 * * 2-6", "2008-03-02T00:00:00Z", false],
])("%s at %s: %s", (expression, at, expected) => {
  expect(cronMatches(expression, new Date(at))).toBe(expected);
});

it.each([
  "* * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 0",
  "x * * * *",
  "5/2 * * * *",
  "*/0 * * * *",
  "9-5 * * * *",
  "1,,2 * * * *",
  "0 0 1 * 1",
])("%s is refused", (expression) => {
  expect(() => cronMatches(expression, new Date(0))).toThrow(/Cron/);
});

it("every n minutes fires at each multiple of n within the hour and never else", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 59 }), fc.date({ noInvalidDate: true }), (step, at) => {
      expect(cronMatches(`*/${step} * * * *`, at)).toBe(at.getUTCMinutes() % step === 0);
    }),
  );
});
