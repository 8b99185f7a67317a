import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { CsvError, parse } from "csv-parse/sync";
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

/** More than an account can have. */
const MAX_LETTERS = 10_000;
const BOM = "\uFEFF";

const Names = z.array(z.array(z.string()));
const Record = z.tuple([z.record(z.string(), z.string())]);

/** One line of the file: an account, or why it is none. The reason never repeats what the line holds. */
export type ReadLine = { line: number } & ({ account: ImportedAccount } | { rejected: string });

/** @throws Error when a column is missing */
function headerOf(line: string): string[] {
  const [names = []] = Names.parse(parse(line, { trim: true }));
  const missing = COLUMNS.filter((name) => !OPTIONAL.has(name) && !names.includes(name));
  if (missing.length > 0) throw new Error(`The first line must name the columns ${missing.join(", ")}.`);
  return names;
}

function readLine(text: string, columns: string[]): { account: ImportedAccount } | { rejected: string } {
  if (text.length > MAX_LETTERS) return { rejected: "is too long" };
  try {
    const [record] = Record.parse(parse(text, { columns, trim: true }));
    const { data, error } = ImportedAccount.safeParse(accountOf(record));
    if (data !== undefined) return { account: data };
    return { rejected: error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ") };
  } catch (error) {
    return { rejected: error instanceof CsvError ? error.code : "not CSV" };
  }
}

/**
 * Reads a CSV file (RFC 4180, UTF-8) line by line, whatever its size. An account has no line breaks, so each line is read by itself: a
 * quote that is never closed spoils its own line alone. `verified` is true or false (empty: false), `created_at` ISO 8601 with offset
 * (empty: now).
 * @throws Error when there is no such file or its first line does not name the columns
 */
export async function* readAccounts(path: string): AsyncGenerator<ReadLine> {
  let columns: string[] | undefined;
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line++;
    if (columns === undefined) columns = headerOf(text.replace(BOM, ""));
    else if (text.trim() !== "") yield { line, ...readLine(text, columns) };
  }
  if (columns === undefined) headerOf("");
}
