import { createReadStream } from "node:fs";
import { parse, type CsvError } from "csv-parse";
import { z } from "zod";
import { ImportedAccount } from "../src/schemas.ts";

export const COLUMNS = ["email", "password_hash", "first_name", "last_name", "created_at", "verified"];
const OPTIONAL = new Set(["created_at", "verified"]);

const TRUE = /^(true|t|yes|1)$/i;
const FALSE = /^(false|f|no|0|)$/i;

const verified = (text: string): unknown => (TRUE.test(text) ? true : FALSE.test(text) ? false : text);

/** What a record says, to be parsed: an empty time is none. */
const accountOf = (record: Record<string, string>): unknown => ({
  email: record["email"],
  passwordHash: record["password_hash"],
  firstName: record["first_name"],
  lastName: record["last_name"],
  createdAt: record["created_at"] || undefined,
  verified: verified(record["verified"] ?? ""),
});

const Parsed = z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.number() }) });

/** One line of the file: an account, or why it is none. The reason never repeats what the line holds. */
export type ReadLine = { line: number } & ({ account: ImportedAccount } | { rejected: string });

function headerOf(names: string[]): string[] {
  const missing = COLUMNS.filter((name) => !OPTIONAL.has(name) && !names.includes(name));
  if (missing.length > 0) throw new Error(`The first line must name the columns ${missing.join(", ")}.`);
  return names;
}

/**
 * Reads a CSV file (RFC 4180, UTF-8) line by line, whatever its size. `verified` is true or false (empty: false), `created_at` ISO 8601
 * with offset (empty: now).
 * @throws Error when there is no such file or its first line does not name the columns
 */
export async function* readAccounts(path: string): AsyncGenerator<ReadLine> {
  const malformed: ReadLine[] = [];
  const records = createReadStream(path).pipe(
    parse({
      bom: true,
      info: true,
      trim: true,
      max_record_size: 10_000,
      skip_records_with_error: true,
      columns: (names: string[]) => headerOf(names),
      on_skip: (error: CsvError | undefined) =>
        void malformed.push({ line: Number(error?.["lines"] ?? 0), rejected: error?.code ?? "not CSV" }),
    }),
  );
  for await (const read of records) {
    yield* malformed.splice(0);
    const { record, info } = Parsed.parse(read);
    const parsed = ImportedAccount.safeParse(accountOf(record));
    if (parsed.success) yield { line: info.lines, account: parsed.data };
    else {
      const reasons = parsed.error.issues.map(({ path: at, message }) => `${at.join(".")} ${message}`);
      yield { line: info.lines, rejected: reasons.join("; ") };
    }
  }
  yield* malformed;
}
