import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { buildSync } from "esbuild";

const GATEWAY = join(import.meta.dirname, "..");
const PUBLIC = join(GATEWAY, "public");
const MADE = join(GATEWAY, "..", "..", ".local", `assets-${process.pid}`);
const require = createRequire(import.meta.url);
const SWAGGER_UI = dirname(require.resolve("swagger-ui-dist/package.json"));

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(relative(folder, entry.parentPath), entry.name));

/**
 * Fills the gateway's assets folder: our pages, the chat page's script with the client in it, the API's document and Swagger UI, so that
 * nothing is loaded from elsewhere. Each file is replaced at once: other platforms may be serving the folder.
 */
export function copyAssets(): void {
  rmSync(MADE, { recursive: true, force: true });
  mkdirSync(PUBLIC, { recursive: true });
  cpSync(join(GATEWAY, "pages"), MADE, { recursive: true });
  cpSync(join(GATEWAY, "..", "..", "docs", "openapi.json"), join(MADE, "openapi.json"));
  for (const file of ["swagger-ui-bundle.js", "swagger-ui.css"])
    cpSync(join(SWAGGER_UI, file), join(MADE, "docs", file));
  buildSync({
    entryPoints: [join(GATEWAY, "chat-page", "main.ts")],
    outfile: join(MADE, "app", "chat.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    logLevel: "warning",
  });
  const made = filesIn(MADE);
  for (const file of made) {
    mkdirSync(dirname(join(PUBLIC, file)), { recursive: true });
    renameSync(join(MADE, file), join(PUBLIC, file));
  }
  for (const file of filesIn(PUBLIC)) if (!made.includes(file)) rmSync(join(PUBLIC, file), { force: true });
  rmSync(MADE, { recursive: true });
}

if (import.meta.main) copyAssets();
