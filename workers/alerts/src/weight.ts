import { GRAMS, type Unit } from "@souk/db/schema/alerts";
import Big from "big.js";

const DECIMALS = 6;

/**
 * A price per unit and karat, a decimal string of at most 6 decimals.
 * Fineness is karat / 24. `perUnit` of the database schema is its twin in SQL.
 * @param price decimal string, per troy ounce of fine metal
 */
export function priceIn(price: string, unit: Unit, karat: number): string {
  const exact = Big(price).times(GRAMS[unit]).times(karat);
  const division = Big();
  division.DP = DECIMALS;
  return division(exact).div(Big(GRAMS.toz).times(24)).toFixed();
}
