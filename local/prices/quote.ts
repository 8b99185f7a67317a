/** What the three providers' formats are filled from: gold in USD. */
export interface Quote {
  /** USD per troy ounce. */
  price: number;
  previousClose: number;
  at: Date;
}
