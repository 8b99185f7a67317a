/** What one row of the benchmark found. */
export interface Table {
  /** Its name on the command line. */
  name: string;
  title: string;
  /** How it was measured. */
  about: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  judged: readonly { target: string; figure: string; met: boolean }[];
  /** What the run leaves out or simulates. */
  leftOut: readonly string[];
  plot: { unit: string; bars: readonly { label: string; value: number }[] };
}

/** A number as a person reads it: at most three significant digits, thousands kept whole. */
export const shown = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
