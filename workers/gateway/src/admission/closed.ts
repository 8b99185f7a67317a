import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { KnownSettings } from "../control/known-control.ts";
import type { Env } from "../env.ts";
import type { RouteRow } from "../routing-table.ts";
import { readSettings } from "../services/read-control.ts";

/** What somebody needs who logs in to open what is closed. */
const LOGGING_IN = new Set([
  "/api/v1/auth/login",
  "/api/v1/auth/login/second-factor",
  "/api/v1/auth/refresh",
]);

/** Whether operators may close a path: not what the gateway answers itself, and not logging in. */
export const isClosable = ({ worker, path }: RouteRow): boolean =>
  worker !== "gateway" && !LOGGING_IN.has(path);

/** How long a client should wait before it tries a closed route again, in seconds. */
const RETRY_AFTER = 60;

function refusal(settings: KnownSettings, route: string, changes: boolean): AppError | undefined {
  const { maintenance, closedRoutes } = settings;
  if (maintenance !== null && (changes || maintenance.covers === "everything"))
    return new AppError("unavailable", maintenance.message, { retryAfter: maintenance.retryAfter });
  if (closedRoutes.has(route))
    return new AppError("unavailable", "This operation is switched off for now.", {
      retryAfter: RETRY_AFTER,
    });
  return undefined;
}

/**
 * What operators have closed: everything or all writes during maintenance, or this route. It counts everywhere within 10 s.
 * @param route `GET /api/v1/...`
 * @returns the refusal, given and not thrown, since it is no failure to be logged
 */
export function refusalOfClosed(
  context: Context<Env>,
  route: string,
): AppError | undefined | Promise<AppError | undefined> {
  const judged = (settings: KnownSettings | null) =>
    settings === null ? undefined : refusal(settings, route, !route.startsWith("GET "));
  const settings = readSettings(context);
  return settings instanceof Promise ? settings.then(judged) : judged(settings);
}
