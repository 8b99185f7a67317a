import { addMasked, maskText } from "./mask.ts";

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

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 };

class LineLogger implements Logger {
  readonly #level: LogLevel;
  readonly #now: () => Date;
  readonly #fields: Fields;

  constructor(level: LogLevel, now: () => Date, fields: Fields) {
    this.#level = level;
    this.#now = now;
    this.#fields = fields;
  }

  debug(message: string, fields?: Fields): void {
    this.#write("debug", message, fields);
  }

  info(message: string, fields?: Fields): void {
    this.#write("info", message, fields);
  }

  warn(message: string, fields?: Fields): void {
    this.#write("warn", message, fields);
  }

  error(message: string, fields?: Fields): void {
    this.#write("error", message, fields);
  }

  fatal(message: string, fields?: Fields): void {
    this.#write("fatal", message, fields);
  }

  #write(level: LogLevel, message: string, fields: Fields = {}): void {
    if (RANK[level] < RANK[this.#level]) return;
    const line: Fields = { level, time: this.#now().toISOString(), message: maskText(message) };
    addMasked(line, this.#fields);
    addMasked(line, fields);
    WRITE[level](JSON.stringify(line));
  }
}

/**
 * A logger whose every line carries the given fields (service, requestId, traceId, ...).
 * @param level lines below it are not written
 * @param now the time stamped on each line
 */
export const createLogger = (level: LogLevel, now: () => Date, fields: Fields): Logger =>
  new LineLogger(level, now, fields);
