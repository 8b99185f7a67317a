import { mask, maskText } from "./mask.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
type Fields = Record<string, unknown>;

/** Writes one JSON line per call; secrets in the fields are masked. */
export type Logger = Record<LogLevel, (message: string, fields?: Fields) => void>;

const WRITE: Record<LogLevel, (line: string) => void> = {
  debug: (line) => console.debug(line),
  info: (line) => console.info(line),
  warn: (line) => console.warn(line),
  error: (line) => console.error(line),
  fatal: (line) => console.error(line),
};

/** What is told of an error and its causes. */
export interface ErrorDescription extends Fields {
  name: string;
  message: string;
  cause?: ErrorDescription;
}

/** What a log may hold of an error: names, texts, codes and the SQL statement, never its parameters. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error, message: maskText(String(error)) };
  const query = "query" in error && typeof error.query === "string" ? error.query : undefined;
  const cause = error.cause !== undefined && depth < 4 ? describeError(error.cause, depth + 1) : undefined;
  return {
    name: error.name,
    // A failed query's message repeats its parameters.
    message: query === undefined ? maskText(error.message) : "Failed query",
    ...(query !== undefined && { query }),
    ...("code" in error && { code: error.code }),
    ...("constraint" in error && { constraint: error.constraint }),
    ...(query === undefined && error.stack && { stack: maskText(error.stack) }),
    ...(cause && { cause }),
  };
}

/**
 * A logger whose every line carries the given fields (service, requestId, traceId, ...).
 * @param level lines below it are not written
 * @param now the time stamped on each line
 */
export function createLogger(level: LogLevel, now: () => Date, fields: Fields): Logger {
  const write = (lineLevel: LogLevel) => (message: string, more?: Fields) => {
    if (LOG_LEVELS.indexOf(lineLevel) < LOG_LEVELS.indexOf(level)) return;
    const rest = mask({ ...fields, ...more });
    WRITE[lineLevel](
      JSON.stringify({
        level: lineLevel,
        time: now().toISOString(),
        message: maskText(message),
        ...(rest as Fields),
      }),
    );
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    fatal: write("fatal"),
  };
}
