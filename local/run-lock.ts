import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "./error-code.ts";
import { pidInFile, runningProcess } from "./process-table.ts";
import { StartError } from "./start-error.ts";

/**
 * Makes sure that one process at a time runs over a folder. The lock of a process that has ended is taken over.
 * @param file holds the process id of the one who runs
 * @param mark text of that program's command line, so that another program under a reused id is not taken for it
 * @param what what runs, for the message: "`npm run dev`"
 * @returns a function that gives the lock back
 * @throws StartError when another one runs
 */
export function takeRunLock(file: string, mark: string, what: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const holder = pidInFile(file);
  if (holder !== undefined && holder !== process.pid && runningProcess(holder)?.commandLine.includes(mark))
    throw new StartError(
      `${what} already runs in this checkout (process ${holder}). Use that one, or end it with Ctrl-C first.`,
    );
  rmSync(file, { force: true });
  try {
    const lock = openSync(file, "wx", 0o600);
    writeSync(lock, `${process.pid}\n`);
    closeSync(lock);
  } catch (error) {
    if (errorCode(error) === "EEXIST")
      throw new StartError(`${what} is being started in this checkout at this moment. Use that one.`);
    throw error;
  }
  return () => rmSync(file, { force: true });
}
