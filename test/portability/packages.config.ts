import { defineConfig } from "vitest/config";

// The packages' tests as Bun and Deno run them, in processes of their own (Deno's threads lack what vitest ends them with).
export default defineConfig({
  test: {
    include: ["packages/{client,kit}/src/*.test.ts"],
    // These need a real database, which only the main configuration starts.
    exclude: ["packages/kit/src/{database-log,prune}.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 60_000,
    // Bun cannot read zod's names through vitest's import of what is not bundled.
    server: { deps: { inline: [/zod/] } },
  },
});
