import { AppError } from "@souk/kit/errors";

/**
 * The refusal of one attempt too many; the same for an account and for none.
 * @param wait seconds until the next may be made, as far as the database knew before this one: others at once may have taken the last
 */
export const tooManyAttempts = (wait: number | null): AppError =>
  new AppError(
    "too_many_requests",
    "Too many attempts. Wait `retryAfter` seconds. If an account is locked, its owner has a mail with a link that unlocks it.",
    { retryAfter: Math.max(1, wait ?? 0) },
  );
