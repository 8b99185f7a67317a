import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { takeRunLock } from "./run-lock.ts";

const dir = mkdtempSync(join(tmpdir(), "souk-lock-"));
const file = join(dir, "deep/dev.pid");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it("is held by one process, and free again after its end, however that came", async () => {
  takeRunLock(file, "dev.ts", "`npm run dev`")();
  expect(existsSync(file)).toBe(false);
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log(1) // dev.ts"]);
  await once(other.stdout, "data");
  writeFileSync(file, `${other.pid}\n`);
  expect(() => takeRunLock(file, "dev.ts", "`npm run dev`")).toThrow(
    `already runs in this checkout (process ${other.pid})`,
  );
  takeRunLock(file, "another program's mark", "`npm run dev`")();
  writeFileSync(file, `${other.pid}\n`);
  other.kill("SIGKILL");
  await once(other, "exit");
  takeRunLock(file, "dev.ts", "`npm run dev`")();
});
