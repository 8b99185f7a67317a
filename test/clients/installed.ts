import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * What a test needs of a Debian package: it is installed where that can be done.
 * @param file what the package brings
 * @returns whether it is there
 */
export function installed(file: string, name: string): boolean {
  if (existsSync(file)) return true;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  try {
    for (const args of [
      ["update", "-q"],
      ["install", "-qy", "--no-install-recommends", name],
    ])
      execFileSync("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args], {
        stdio: "ignore",
        timeout: 300_000,
      });
  } catch {
    return false;
  }
  return existsSync(file);
}
