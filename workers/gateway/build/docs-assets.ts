import { cpSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

const GATEWAY = join(import.meta.dirname, "..");
const PUBLIC = join(GATEWAY, "public");
const require = createRequire(import.meta.url);
const SWAGGER_UI = dirname(require.resolve("swagger-ui-dist/package.json"));

/**
 * Fills the gateway's assets folder: our pages, the chat page's script with the client in it, the API's document and Swagger UI, so that
 * nothing is loaded from elsewhere.
 */
export function copyAssets(): void {
  rmSync(PUBLIC, { recursive: true, force: true });
  mkdirSync(PUBLIC, { recursive: true });
  cpSync(join(GATEWAY, "pages"), PUBLIC, { recursive: true });
  cpSync(join(GATEWAY, "..", "..", "docs", "openapi.json"), join(PUBLIC, "openapi.json"));
  for (const file of ["swagger-ui-bundle.js", "swagger-ui.css"])
    cpSync(join(SWAGGER_UI, file), join(PUBLIC, "docs", file));
  buildSync({
    entryPoints: [join(GATEWAY, "chat-page", "main.ts")],
    outfile: join(PUBLIC, "app", "chat.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    logLevel: "warning",
  });
}

if (import.meta.main) copyAssets();
