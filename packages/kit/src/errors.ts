/**
 * Every error code an answer can carry: its HTTP status and short text.
 * The texts of 401, 403, 429 and 503 are those that the source designs' clients expect (S3-AUTH-17/18, S3-SEC-06, S3-GW-24).
 */
export const ERROR_CODES = {
  bad_request: { status: 400, title: "Bad request" },
  malformed_json: { status: 400, title: "Malformed JSON" },
  validation_failed: { status: 400, title: "Validation error" },
  captcha_required: { status: 400, title: "CAPTCHA required" },
  invalid_cursor: { status: 400, title: "Invalid cursor" },
  invalid_link: { status: 400, title: "Invalid or expired link" },
  unauthorized: { status: 401, title: "Unauthorized" },
  invalid_credentials: { status: 401, title: "Invalid credentials" },
  invalid_challenge: { status: 401, title: "Invalid or expired challenge" },
  invalid_authorization: { status: 401, title: "Invalid or expired authorization" },
  invalid_passkey: { status: 401, title: "Invalid passkey" },
  invalid_code: { status: 401, title: "Invalid code" },
  invalid_refresh_token: { status: 401, title: "Invalid refresh token" },
  refresh_token_already_used: { status: 401, title: "Refresh token already used" },
  email_not_verified: { status: 403, title: "Email address not verified" },
  account_banned: { status: 403, title: "Account banned" },
  second_factor_required: { status: 403, title: "Second factor required" },
  fresh_login_required: { status: 403, title: "Fresh log-in required" },
  forbidden: { status: 403, title: "Insufficient permissions" },
  not_found: { status: 404, title: "Not found" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  conflict: { status: 409, title: "Conflict" },
  limit_reached: { status: 409, title: "Limit reached" },
  request_in_flight: { status: 409, title: "Request in flight" },
  payload_too_large: { status: 413, title: "Payload too large" },
  unsupported_media_type: { status: 415, title: "Unsupported media type" },
  idempotency_key_reused: { status: 422, title: "Idempotency key reused" },
  upgrade_required: { status: 426, title: "WebSocket upgrade required" },
  too_many_requests: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Internal server error" },
  unavailable: { status: 503, title: "Service unavailable" },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One field that did not pass validation. */
export interface FieldError {
  field: string;
  message: string;
}

interface ErrorOptions {
  details?: FieldError[];
  /** Seconds after which a repeat may succeed. */
  retryAfter?: number;
  cause?: unknown;
}

/**
 * An error whose code the caller may see. Services throw it; only the kit turns it into HTTP.
 * Own properties survive RPC, the class does not: recognise it with `errorCode`, never by `instanceof`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly details: FieldError[] | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.detail = detail;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }
}

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(ERROR_CODES, code);

/** The AppError behind anything thrown, also after it crossed RPC; undefined for every other error. */
export function appErrorOf(
  error: unknown,
): Pick<AppError, "code" | "detail" | "details" | "retryAfter"> | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("detail" in error)) return undefined;
  const { code, detail } = error;
  if (!isErrorCode(code) || typeof detail !== "string") return undefined;
  const details = "details" in error && Array.isArray(error.details) ? error.details : undefined;
  const retryAfter =
    "retryAfter" in error && typeof error.retryAfter === "number" ? error.retryAfter : undefined;
  return { code, detail, details, retryAfter };
}
