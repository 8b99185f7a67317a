import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One month of the series. */
export interface MonthPrice {
  /** "2008-01" */
  month: string;
  /** USD per troy ounce, as the file has it. */
  price: string;
}

/** Reads `gold-monthly.csv`, oldest month first. Throws on a line of another shape. */
export function readSeries(): MonthPrice[] {
  const [header, ...lines] = readFileSync(join(import.meta.dirname, "gold-monthly.csv"), "utf8")
    .trimEnd()
    .split("\n");
  if (header?.trim() !== "Date,Price") throw new Error("gold-monthly.csv does not begin with Date,Price");
  return lines.map((line) => {
    const [, month, price] = /^(\d{4}-\d{2})-01,(\d+\.\d+)\s*$/.exec(line) ?? [];
    if (month === undefined || price === undefined)
      throw new Error(`gold-monthly.csv has a strange line: ${line}`);
    return { month, price };
  });
}

/** When a month's price is quoted: its first weekday (Monday to Friday) at 12:00 UTC. */
export function quoteTime(month: string): Date {
  const at = new Date(`${month}-01T12:00:00Z`);
  while (at.getUTCDay() === 0 || at.getUTCDay() === 6) at.setUTCDate(at.getUTCDate() + 1);
  return at;
}
