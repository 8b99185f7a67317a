import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { describeError } from "@souk/kit/log";
import {
  INVALID_RESPONSE,
  JSON_ATTRIBUTE_COMPARISON,
  JWT_CLAIM_COMPARISON,
  JWT_TIMESTAMP_CHECK,
  KEY_SELECTION,
  OperationProcessingError,
  ResponseBodyError,
  UnsupportedOperationError,
} from "oauth4webapi";
import type { Provider } from "./find-provider.ts";

/** What a code or an ID token that is not good makes of the exchange; every other failure is the provider's or ours. */
const REFUSALS: ReadonlySet<string | undefined> = new Set([
  INVALID_RESPONSE,
  JSON_ATTRIBUTE_COMPARISON,
  JWT_CLAIM_COMPARISON,
  JWT_TIMESTAMP_CHECK,
  KEY_SELECTION,
]);

const isRefusal = (error: unknown): boolean =>
  error instanceof UnsupportedOperationError ||
  (error instanceof OperationProcessingError && REFUSALS.has(error.code)) ||
  (error instanceof ResponseBodyError && error.error === "invalid_grant");

/** The error of a sign-in that is not to be: whatever is wrong with it, who asks learns no more. */
export const invalidAuthorization = (cause?: unknown): AppError =>
  new AppError("invalid_authorization", "It is unknown, used, expired or not yours. Begin again.", { cause });

/** Does something with a provider. @throws AppError invalid_authorization; unavailable when the provider fails */
export async function withProvider<T>(
  context: Context,
  provider: Provider,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const answered = error instanceof ResponseBodyError ? error.error : undefined;
    const facts = { provider: provider.id, answered, error: describeError(error) };
    if (isRefusal(error)) {
      context.log.warn("a sign-in with a provider was refused", facts);
      throw invalidAuthorization(error);
    }
    context.log.error("a provider fails", facts);
    throw new AppError("unavailable", `${provider.name} does not answer as it should. Try again later.`, {
      cause: error,
    });
  }
}
