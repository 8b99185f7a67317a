import type { components } from "./schema.ts";

type Problem = components["schemas"]["Problem"];

/** What an answer that is no problem of the API's gets as its code, e.g. one that a proxy on the way made up. */
const UNEXPECTED = "unexpected_answer";

/** A code of the API's document; a newer API may send others. */
export type ErrorCode = Problem["code"] | typeof UNEXPECTED | (string & {});

const isProblem = (body: unknown): body is Partial<Omit<Problem, "code">> & { code: string } =>
  typeof body === "object" && body !== null && "code" in body && typeof body.code === "string";

/** An answer that is an error: the API's problem (RFC 9457). Tell errors apart by `code`. */
export class SoukError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  /** The fields that did not pass validation. */
  readonly details: NonNullable<Problem["details"]>;
  /** What the operators find the request by. */
  readonly requestId: string | undefined;
  /** Seconds after which a repeat may succeed. */
  readonly retryAfter: number | undefined;

  constructor(status: number, body: unknown) {
    const problem: Partial<Omit<Problem, "code">> & { code: string } = isProblem(body)
      ? body
      : { code: UNEXPECTED };
    const detail = problem.detail ?? `The answer has status ${status}.`;
    super(`${problem.code}: ${detail}`);
    this.name = "SoukError";
    this.status = status;
    this.code = problem.code;
    this.detail = detail;
    this.details = problem.details ?? [];
    this.requestId = problem.requestId;
    this.retryAfter = problem.retryAfter;
  }
}

/** The error that an answer is; its body stays readable. */
export async function errorOf(response: Response): Promise<SoukError> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return new SoukError(response.status, body);
}
