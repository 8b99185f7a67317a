import { expect, it } from "vitest";
import { quoteTime, readSeries } from "./series.ts";

it("is the whole series, each month once and in order", () => {
  const series = readSeries();
  expect(series).toHaveLength((2026 - 1833) * 12 + 6);
  expect(series[0]).toEqual({ month: "1833-01", price: "18.930" });
  expect(series.at(-1)).toEqual({ month: "2026-06", price: "4228.000" });
  const inOrder = Array.from(
    { length: series.length },
    (_, n) => `${1833 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, "0")}`,
  );
  expect(series.map(({ month }) => month)).toEqual(inOrder);
});

it("stamps each month on its first weekday at noon", () => {
  expect(quoteTime("2008-01").toISOString()).toBe("2008-01-01T12:00:00.000Z");
  expect(quoteTime("2008-03").toISOString()).toBe("2008-03-03T12:00:00.000Z");
  expect(quoteTime("2008-06").toISOString()).toBe("2008-06-02T12:00:00.000Z");
  for (const { month } of readSeries()) {
    const at = quoteTime(month);
    expect([at.toISOString().slice(0, 7), at.getUTCDate() <= 3, at.getUTCDay() % 6 > 0]).toEqual([
      month,
      true,
      true,
    ]);
  }
});
