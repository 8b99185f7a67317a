import { AppError, appErrorOf } from "@souk/kit/errors";

/** What an object answers: a refusal travels as a value, since an exception that leaves an object is logged as a fault of it. */
export type Outcome<T> = { answer: T } | { refusal: ReturnType<typeof appErrorOf> & {} };

/** @throws whatever is no refusal */
export async function outcomeOf<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await work() };
  } catch (error) {
    const refusal = appErrorOf(error);
    if (refusal === undefined) throw error;
    const { code, detail, details, retryAfter } = refusal;
    return { refusal: { code, detail, details, retryAfter } };
  }
}

/** The answer. @throws AppError what the object refused */
export function answerOf<T>(outcome: Outcome<T>): T {
  if ("answer" in outcome) return outcome.answer;
  const { code, detail, details, retryAfter } = outcome.refusal;
  throw new AppError(code, detail, {
    ...(details !== undefined && { details }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
}
