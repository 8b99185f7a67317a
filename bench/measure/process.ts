import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";

/** The kernel's clock ticks a second, in which /proc counts CPU time; 100 on every Linux that we run on. */
const TICKS = 100;

/** Fields of /proc/PID/stat after the command's name, which may itself hold spaces and brackets (proc(5)). */
function stat(pid: number): { parent: number; cpuSeconds: number; command: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const fields = text.slice(end + 2).split(" ");
    const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
    return {
      parent: parent ?? 0,
      cpuSeconds: ((user ?? 0) + (system ?? 0)) / TICKS,
      command: text.slice(text.indexOf("(") + 1, end),
    };
  } catch {
    return undefined;
  }
}

/** A process and all below it, as pids. */
export function processTree(root: number): number[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: stat(Number(name))?.parent }));
  const below = (pid: number): number[] => [
    pid,
    ...all.filter(({ parent }) => parent === pid).flatMap((child) => below(child.pid)),
  ];
  return below(root);
}

/** The workerd process below a Miniflare process. @throws Error when there is none */
export function workerdOf(root: number): number {
  const found = processTree(root).find((pid) => stat(pid)?.command.startsWith("workerd"));
  if (found === undefined) throw new Error("workerd does not run");
  return found;
}

/** CPU time that processes have used so far, user and system, in seconds. */
export const cpuSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + (stat(pid)?.cpuSeconds ?? 0), 0);

/** How many files a process has open, sockets among them. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

const Limits = z.object({ userLimits: z.object({ open_files: z.object({ hard: z.coerce.number() }) }) });

/** How many files a process may have open here. Node asks for all of them when it starts, and hands that on to its children. */
export function mostFiles(): number {
  const { hard } = Limits.parse(process.report.getReport()).userLimits.open_files;
  return Number.isNaN(hard) ? Number.POSITIVE_INFINITY : hard;
}

/** Memory that a process holds now, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
