import type { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { z } from "zod";
import type { BaseEnv } from "./config.ts";
import type { Context } from "./context.ts";
import { AppError, appErrorOf, ERROR_CODES } from "./errors.ts";
import { describeError } from "./log.ts";
import { problemResponse } from "./problem.ts";
import type { AppTypes } from "./request-context.ts";

type AnyEnv = z.infer<typeof BaseEnv>;

/** What the framework or a handler threw, as an error whose code the caller may see where there is one. */
function toAppError(error: unknown): unknown {
  if (!(error instanceof HTTPException)) return error;
  if (error.status === 415)
    return new AppError("unsupported_media_type", "Send JSON with `Content-Type: application/json`.");
  if (error.status === 400) return new AppError("malformed_json", "The body is not valid JSON.");
  if (error.status === 413) return new AppError("payload_too_large", "The body may have at most 1 MB.");
  return error;
}

/**
 * Makes an app answer whatever is thrown, and every unknown path, with a problem. What the caller cannot have caused is logged.
 * @param service the Worker's name, for a failure that comes before there is a context
 */
export function answerFailures<Env extends AnyEnv>(app: Hono<AppTypes<Env>>, service: string): void {
  app.onError((error, c) => {
    const shown = toAppError(error);
    const known = appErrorOf(shown);
    const context = c.get("context") as Context<Env> | undefined;
    if (known === undefined || ERROR_CODES[known.code].status >= 500) {
      const fields = { error: describeError(error), path: c.req.path };
      if (context) context.log.error("request failed", fields);
      else console.error(JSON.stringify({ level: "fatal", service, message: "request failed", ...fields }));
    }
    return problemResponse(shown, { path: c.req.path, requestId: context?.requestId ?? "" });
  });

  app.notFound((c) =>
    problemResponse(new AppError("not_found", "There is nothing at this path."), {
      path: c.req.path,
      requestId: c.get("context").requestId,
    }),
  );
}
