const METALS: Record<string, string> = { XAU: "Gold", XAG: "Silver", XPT: "Platinum", XPD: "Palladium" };
const UNITS: Record<string, string> = { toz: "troy ounce", g: "gram", kg: "kilogram", tola: "tola" };

const isNumeric = (text: string): text is `${number}` => /^-?\d+(\.\d+)?$/.test(text);

/** A metal's English name, by its ISO 4217 code. */
export const metalName = (code: string): string => METALS[code] ?? code;

/** What a price is for, e.g. `gram of 22 karat`. Karat says something of gold alone, and 24 is what everyone expects. */
export const priceUnit = (unit: string, metal: string, karat: number): string =>
  `${UNITS[unit] ?? unit}${metal === "XAU" && karat !== 24 ? ` of ${karat} karat` : ""}`;

/**
 * A price with its currency, e.g. `$4,012.50`; two to four places, exact as the digits stand.
 * @param amount a decimal string
 * @throws Error when it is none; RangeError for what is no currency code
 */
export function formatPrice(amount: string, currency: string): string {
  if (!isNumeric(amount)) throw new Error("Not a decimal number");
  return priceFormat(currency).format(amount);
}

/** To make one takes a hundred times as long as to use it. */
const priceFormats = new Map<string, Intl.NumberFormat>();

function priceFormat(currency: string): Intl.NumberFormat {
  const format =
    priceFormats.get(currency) ??
    new Intl.NumberFormat("en-US", {
      style: "currency",
      currency,
      minimumFractionDigits: 2,
      maximumFractionDigits: 4,
    });
  priceFormats.set(currency, format);
  return format;
}

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** A moment for people, e.g. `1 October 2026 at 12:00 UTC`, from ISO 8601. */
export const formatMoment = (iso: string): string => `${MOMENT.format(new Date(iso))} UTC`;
