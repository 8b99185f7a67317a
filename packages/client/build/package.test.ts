import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const DIST = join(ROOT, "packages/client/dist");
const APP = join(ROOT, `.local/client-app-${process.pid}`);
const run = promisify(execFile);
const node = async (...args: string[]) => (await run(process.execPath, args, { cwd: APP })).stdout;

/** An app outside the workspace that uses the published package alone. */
const SOURCE = `
import { createSouk, SoukError } from "@souk/client";
const fetch = async () => Response.json({ code: "not_found", detail: "No." }, { status: 404 });
const souk = createSouk({ baseUrl: "https://souk.test", fetch });
try {
  const { data } = await souk.GET("/api/v1/alerts/{id}", { params: { path: { id: "a" } } });
  const threshold: string = data.threshold;
  console.log(threshold);
} catch (error) {
  console.log(error instanceof SoukError && error.code);
}
`;

beforeAll(async () => {
  mkdirSync(join(APP, "node_modules/@souk"), { recursive: true });
  symlinkSync(DIST, join(APP, "node_modules/@souk/client"));
  writeFileSync(join(APP, "package.json"), `{ "type": "module" }`);
  await node(join(ROOT, "packages/client/build/package.ts"));
});
afterAll(() => rmSync(APP, { recursive: true, force: true }));

it("holds JavaScript and types, and no source or test", () => {
  const files = readdirSync(DIST);
  expect(files).toEqual(
    expect.arrayContaining(["README.md", "LICENSE", "package.json", "index.js", "index.d.ts"]),
  );
  expect(files.filter((file) => /test|(?<!\.d)\.ts$/.test(file))).toEqual([]);
});

it("runs in an app", async () => {
  writeFileSync(join(APP, "app.js"), SOURCE.replace(": string", ""));
  expect(await node("app.js")).toBe("not_found\n");
});

it("has types that an app's compiler reads, and that refuse what the document does not have", async () => {
  const wrong = [
    `(await souk.GET("/api/v1/alerts/{id}", { params: { path: { id: "a" } } })).data.threshhold;`,
    `souk.GET("/api/v1/alarms");`,
    `souk.GET("/api/v1/alerts/{id}");`,
    `souk.POST("/api/v1/alerts", { body: { metal: "XAU", currency: "USD", type: "sideways", threshold: "1" } });`,
  ];
  writeFileSync(join(APP, "app.ts"), SOURCE + wrong.map((line) => `// @ts-expect-error\n${line}\n`).join(""));
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    target: "esnext",
    module: "nodenext",
    lib: ["esnext", "dom"],
    types: [],
  };
  writeFileSync(join(APP, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts"] }));
  await run(join(ROOT, "node_modules/.bin/tsc"), ["--project", APP]);
});
