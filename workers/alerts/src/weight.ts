import { GRAMS, type Unit } from "@souk/db/schema/alerts";
import Big from "big.js";

/** Big numbers that divide to the decimals of a shown price. */
const Division = Big();
Division.DP = 6;

/**
 * A price per unit and karat, a decimal string of at most 6 decimals.
 * Fineness is karat / 24. `perUnit` of the database schema is its twin in SQL.
 * @param price decimal string, per troy ounce of fine metal
 */
export function priceIn(price: string, unit: Unit, karat: number): string {
  const exact = Big(price).times(GRAMS[unit]).times(karat);
  return Division(exact).div(Big(GRAMS.toz).times(24)).toFixed();
}
