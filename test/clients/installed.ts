import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const APT = "/usr/bin/apt-get";

/**
 * What a test needs of a Debian package: it is installed where that can be done.
 * @param file what the package brings
 * @returns why it is not there; undefined when it is
 */
export function missing(file: string, name: string): string | undefined {
  if (existsSync(file)) return undefined;
  if (process.getuid?.() !== 0 || !existsSync(APT))
    return `${file} is not there, and only root can install ${name}, on Debian`;
  try {
    for (const args of [
      ["update", "-q"],
      ["install", "-qy", "--no-install-recommends", name],
    ])
      execFileSync(APT, ["-o", "DPkg::Lock::Timeout=300", ...args], { stdio: "pipe", timeout: 300_000 });
  } catch (error) {
    return `${name} could not be installed: ${error instanceof Error ? error.message : String(error)}`;
  }
  return existsSync(file) ? undefined : `${name} is installed and has brought no ${file}`;
}
