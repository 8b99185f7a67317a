import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { appErrorOf } from "@souk/kit/errors";
import type { ImportedAccount } from "../src/schemas.ts";
import { importAccounts } from "../src/services/import-accounts.ts";
import { operatorContext } from "./operator-context.ts";
import { COLUMNS, readAccounts } from "./read-accounts.ts";

const USAGE = `npm run import:users -- FILE.csv   (columns: ${COLUMNS.join(", ")})`;
const BATCH = 500;

const context = operatorContext();
const counted = { lines: 0, imported: 0, known: 0, rejected: 0 };
const shown = (count: number): string => count.toLocaleString("en-US");

async function store(batch: ImportedAccount[]): Promise<void> {
  const { imported } = await importAccounts(context, batch);
  counted.imported += imported;
  counted.known += batch.length - imported;
  console.log(
    `${shown(counted.lines)} lines: ${shown(counted.imported)} imported, ${shown(counted.known)} there already, ${shown(counted.rejected)} rejected`,
  );
}

try {
  const [file, ...rest] = parseArgs({ allowPositionals: true }).positionals;
  if (file === undefined || rest.length > 0) throw new Error(USAGE);
  const report = createWriteStream(`${file}.rejected`);
  let batch: ImportedAccount[] = [];
  for await (const read of readAccounts(file)) {
    counted.lines++;
    if ("rejected" in read) {
      counted.rejected++;
      report.write(`line ${read.line}: ${read.rejected}\n`);
      continue;
    }
    batch.push(read.account);
    if (batch.length < BATCH) continue;
    await store(batch);
    batch = [];
  }
  await store(batch);
  report.end();
  await finished(report);
  if (counted.rejected > 0) {
    console.error(
      `Why lines were rejected stands in ${file}.rejected. Mend them and run it again: what is there is left alone.`,
    );
    process.exitCode = 1;
  }
} catch (error) {
  console.error(appErrorOf(error)?.detail ?? (error instanceof Error ? error.message : error));
  console.error("Run it again to go on: what is there is left alone.");
  process.exitCode = 1;
}
