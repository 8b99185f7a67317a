import { AppError } from "@souk/kit/errors";
import type { Env, Pair } from "./env.ts";

const refusal = (field: string, message: string) =>
  new AppError("validation_failed", "Correct the fields named in `details`.", {
    details: [{ field, message }],
  });

/** Thrown for karats of anything but gold. */
export const karatIsOfGold = (): AppError =>
  refusal("karat", "Karats are of gold; for other metals leave it out");

/**
 * Refuses what is not priced here, and karats of anything but gold.
 * @throws AppError validation_failed
 */
export function assertPriced(env: Pick<Env, "PAIRS">, { metal, currency }: Pair, karat: number): void {
  const currencies = env.PAIRS.filter((pair) => pair.metal === metal).map((pair) => pair.currency);
  if (currencies.length === 0) throw refusal("metal", `There is no price of ${metal}`);
  if (!currencies.includes(currency))
    throw refusal("currency", `There is no price of ${metal} in ${currency}`);
  if (metal !== "XAU" && karat !== 24) throw karatIsOfGold();
}
