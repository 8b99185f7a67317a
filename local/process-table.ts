import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

/** A live process: its command line, joined by spaces, and its parent's id. */
export interface RunningProcess {
  commandLine: string;
  parent: number;
}

/** The live process with this id; undefined when there is none, or only a zombie. Reads /proc, or asks `ps` where there is no /proc. */
export function runningProcess(pid: number): RunningProcess | undefined {
  return existsSync("/proc/self/stat") ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): RunningProcess | undefined {
  try {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ");
    // "pid (name) state parent ...": the name may hold spaces and brackets, so read after the last bracket.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return state === "Z" || commandLine === "" ? undefined : { commandLine, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): RunningProcess | undefined {
  const { stdout } = spawnSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" });
  const [, parent, commandLine] = /^\s*(\d+)\s+(.+)$/m.exec(stdout ?? "") ?? [];
  return commandLine === undefined ? undefined : { commandLine: `${commandLine} `, parent: Number(parent) };
}

const wholePid = z.coerce.number().int().positive();

/** The process id on the first line of a file, or undefined when there is no such file or it holds none. */
export function pidInFile(path: string): number | undefined {
  try {
    return wholePid.safeParse(readFileSync(path, "utf8").split("\n")[0]).data;
  } catch {
    return undefined;
  }
}
