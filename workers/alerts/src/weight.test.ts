import { KARATS, perFineOunce, perUnit, UNITS } from "@souk/db/schema/alerts";
import Big from "big.js";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../test/owner-database.ts";
import { priceIn } from "./weight.ts";

const price = fc.integer({ min: 1, max: 1_000_000_000_000 }).map((units) => Big(units).div(1e8).toFixed());
const unit = fc.constantFrom(...UNITS);
const karat = fc.constantFrom(...KARATS);

describe("prices by weight and karat", () => {
  it("gives known values", () => {
    expect(priceIn("3110.34768", "g", 24)).toBe("100");
    expect(priceIn("3110.34768", "kg", 24)).toBe("100000");
    expect(priceIn("3110.34768", "tola", 24)).toBe("1166.38038");
    expect(priceIn("3110.34768", "g", 18)).toBe("75");
    expect(priceIn("1134.720", "toz", 24)).toBe("1134.72");
    expect(priceIn("-3110.34768", "g", 24)).toBe("-100");
  });
  it("keeps an ounce of fine metal as it is, up to 6 decimals", () => {
    fc.assert(
      fc.property(price, (ounce) => {
        expect(priceIn(ounce, "toz", 24)).toBe(Big(ounce).round(6).toFixed());
      }),
    );
  });
  it("keeps proportions: a kilogram is 1000 grams, 12 parts of 24 are half", () => {
    fc.assert(
      fc.property(price, karat, (ounce, carat) => {
        expect(
          Big(priceIn(ounce, "kg", carat))
            .div(1000)
            .minus(priceIn(ounce, "g", carat))
            .abs()
            .lte("0.000001"),
        ).toBe(true);
        expect(
          Big(priceIn(ounce, "toz", 18))
            .div(18)
            .times(24)
            .minus(ounce)
            .abs()
            .lte("0.000001"),
        ).toBe(true);
      }),
    );
  });
  it("is the same in SQL, and back again", async () => {
    const cases = fc.sample(fc.record({ price, unit, karat }), 300);
    const given = sql`jsonb_to_recordset(${JSON.stringify(cases)}::jsonb) AS g (price numeric, unit text, karat int)`;
    const { rows } = await ownerDatabase().execute<{ shown: string; back: string }>(
      sql`SELECT ${perUnit(sql`price`, sql`unit`, sql`karat`)} AS shown, ${perFineOunce(perUnit(sql`price`, sql`unit`, sql`karat`), sql`unit`, sql`karat`)} AS back FROM ${given}`,
    );
    expect(rows.map(({ shown }) => shown)).toEqual(
      cases.map((each) => priceIn(each.price, each.unit, each.karat)),
    );
    for (const [index, { back }] of rows.entries()) {
      expect(
        Big(back)
          .minus(cases[index]?.price ?? "0")
          .abs()
          .lt("0.0001"),
        JSON.stringify(cases[index]),
      ).toBe(true);
    }
  });
});
