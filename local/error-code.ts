/** The `code` of an error of Node or of Postgres ("EADDRINUSE", "28P01"), or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
