import { once } from "node:events";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { pidInFile } from "./process-table.ts";
import { startPlatform } from "./platform.ts";

const dir = join(import.meta.dirname, `../.local/platform-test-${process.pid}`);
mkdirSync(dir, { recursive: true });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it("a start that fails half way ends what had started", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const inbox = typeof address === "object" && address ? address.port : 0;
  const up: string[] = [];
  await expect(startPlatform({ dir, ports: { inbox }, onProgress: (part) => up.push(part) })).rejects.toThrow(
    `Port ${inbox} for the inbox is taken`,
  );
  other.close();
  expect(up).toEqual(["PostgreSQL 17", "Database schema", "Neon endpoint"]);
  expect(pidInFile(join(dir, "postgres/postmaster.pid"))).toBeUndefined();
});

it("a start that is given up ends what had started", async () => {
  const giveUp = new AbortController();
  const start = startPlatform({
    dir,
    onProgress: () => giveUp.abort(new Error("given up")),
    signal: giveUp.signal,
  });
  await expect(start).rejects.toThrow("given up");
  expect(existsSync(join(dir, "postgres/postmaster.pid"))).toBe(false);
});

it("a folder that cannot be made gives one clear line", async () => {
  await expect(startPlatform({ dir: join(import.meta.filename, "souk") })).rejects.toThrow(
    /The folder .*souk cannot be made \(ENOTDIR\)/,
  );
});
