import { execFile } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/**
 * Runs a command of package.json as `npm run` would.
 * @param script the file that it runs, from the checkout's root
 * @param environment variables besides those that every program has
 * @param input what it reads on standard input
 */
export function runCommand(
  script: string,
  args: string[],
  environment: Record<string, string>,
  input = "",
): Promise<{ code: number; output: string; errors: string }> {
  const { PATH, HOME } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, script), ...args],
      { cwd: root, env: { PATH, HOME, ...environment }, timeout: 60_000 },
      (error, output, errors) => {
        const code = typeof error?.code === "number" ? error.code : Number(error !== null);
        resolve({ code, output, errors });
      },
    );
    child.stdin?.end(input);
  });
}
