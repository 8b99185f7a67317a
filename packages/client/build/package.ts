import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";

const CLIENT = join(import.meta.dirname, "..");
const DIST = join(CLIENT, "dist");
const TSC = createRequire(import.meta.url).resolve("typescript/bin/tsc");

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.string(),
  dependencies: z.record(z.string(), z.string()),
});

/** Writes to `dist` what is published: JavaScript, types, README, licence and a manifest of its own. In the workspace the sources are imported. */
function packageClient(): void {
  rmSync(DIST, { recursive: true, force: true });
  execFileSync(process.execPath, [TSC, "--project", join(CLIENT, "tsconfig.build.json")], {
    stdio: "inherit",
  });
  const manifest = {
    ...Manifest.parse(JSON.parse(readFileSync(join(CLIENT, "package.json"), "utf8"))),
    exports: { ".": { types: "./index.d.ts", default: "./index.js" } },
    types: "./index.d.ts",
    files: ["**/*.js", "**/*.d.ts"],
    sideEffects: false,
  };
  writeFileSync(join(DIST, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  cpSync(join(CLIENT, "README.md"), join(DIST, "README.md"));
  cpSync(join(CLIENT, "..", "..", "LICENSE"), join(DIST, "LICENSE"));
}

packageClient();
