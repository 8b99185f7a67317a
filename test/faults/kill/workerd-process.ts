import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pidInFile } from "../../../local/process-table.ts";

/**
 * The workerd that serves the platform of a folder: among the descendants of that folder's wrangler, and nowhere else.
 * @throws Error when there is none
 */
export function workerdOf(dir: string): number {
  const wrangler = pidInFile(join(dir, "wrangler.pid"));
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  const processes = stdout.split("\n").flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.+)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
  const family = new Set([wrangler]);
  // Parents come before their children only mostly, so as often as generations can be.
  for (let generation = 0; generation < 5; generation++)
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  const found = processes.find(
    ({ pid, command }) => family.has(pid) && /\bworkerd(\.exe)? serve\b/.test(command),
  );
  if (wrangler === undefined || found === undefined) throw new Error("No workerd runs for this folder");
  return found.pid;
}
