import { z } from "@hono/zod-openapi";
import { AppError, appErrorOf, ERROR_CODES, type ErrorCode } from "./errors.ts";

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

/** The catalogue of codes, for the API's document. */
const catalogue = Object.entries(ERROR_CODES)
  .map(([code, { status, title }]) => `- \`${code}\` (${status}): ${title}`)
  .join("\n");

/** The body of every error answer: RFC 9457 with the `error` text of the source designs. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(codes).openapi({ description: `What went wrong, for programs:\n${catalogue}` }),
    requestId: z.string(),
    error: z.string(),
    details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    retryAfter: z.int().optional(),
  })
  .openapi("Problem");

/**
 * The problem+json answer to anything thrown. An error without a known code becomes a fixed 500 that tells nothing.
 * @param error what was thrown
 * @param where the request's path and id
 * @param headers extra headers, e.g. `Allow` on 405
 */
export function problemResponse(
  error: unknown,
  where: { path: string; requestId: string },
  headers: Record<string, string> = {},
): Response {
  const known =
    appErrorOf(error) ??
    new AppError("internal", "Something failed on our side. Quote the request id if you report it.");
  const { status, title } = ERROR_CODES[known.code];
  const body: z.infer<typeof Problem> = {
    type: `urn:souk:problem:${known.code}`,
    title,
    status,
    detail: known.detail,
    instance: where.path,
    code: known.code,
    requestId: where.requestId,
    error: title,
    ...(known.details && { details: known.details }),
    ...(known.retryAfter !== undefined && { retryAfter: known.retryAfter }),
  };
  return Response.json(body, {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(known.retryAfter !== undefined && { "retry-after": String(known.retryAfter) }),
      ...headers,
    },
  });
}
