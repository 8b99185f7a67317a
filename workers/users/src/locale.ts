const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** Whether the text is an ISO 4217 code that ICU knows. */
export const isCurrency = (code: string): boolean => CURRENCIES.has(code);

/** Whether the text names a zone of the IANA database; plain offsets such as "+03:00" do not. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The canonical form of a BCP 47 language tag, e.g. "en-GB" of "EN-gb"; undefined when it is none. */
export function toLanguage(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}
