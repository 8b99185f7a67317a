import { rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { pidInFile, runningProcess } from "./process-table.ts";
import { StartError } from "./start-error.ts";

/** Where a child's id and its starter's id are noted, so that the next start knows an orphan from a child in use. */
export interface ChildRecord {
  /** File whose first line is the child's process id. */
  pidFile: string;
  /** File whose first line is the process id of the one who started it. */
  ownerFile: string;
  /** Text that the child's command line holds and no other program's does. */
  mark: string;
  /** What it is, for the message: "The database folder X". */
  what: string;
}

/** Notes that this very process is the owner of the child. */
export function recordOwner(record: ChildRecord): void {
  writeFileSync(record.ownerFile, `${process.pid}\n`, { mode: 0o600 });
}

/**
 * Stops the child that a killed run left behind, and waits for its end. Any other process under that id is left alone.
 * @param end sends the signal that ends the child
 * @throws StartError when the child's starter still lives, or the orphan does not end within 10 s
 */
export async function stopOrphan(record: ChildRecord, end: (pid: number) => void): Promise<void> {
  const pid = pidInFile(record.pidFile);
  if (pid === undefined) return;
  const orphan = (): boolean => runningProcess(pid)?.commandLine.includes(record.mark) ?? false;
  if (orphan()) {
    const owner = pidInFile(record.ownerFile);
    if (owner !== undefined && runningProcess(pid)?.parent === owner)
      throw new StartError(`${record.what} is in use by process ${owner}. Stop that one first.`);
    end(pid);
    for (let waited = 0; orphan(); waited += 50) {
      if (waited > 10_000)
        throw new StartError(`${record.what} is held by process ${pid}, which does not end. End it by hand.`);
      await delay(50);
    }
  }
  rmSync(record.pidFile, { force: true });
}
