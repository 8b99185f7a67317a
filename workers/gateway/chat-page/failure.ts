import { SoukError } from "@souk/client";

/** Why something could not be done, as people are told. */
export const failureOf = (error: unknown): string =>
  error instanceof SoukError ? error.detail : "There is no connection to Souk.";
