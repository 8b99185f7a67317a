import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Everything that runs in a Worker, by path. */
const SOURCES = ["workers", "packages"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /^[\w-]+\/src\/.*\.ts$/.test(path) && !path.endsWith(".test.ts"))
    .map((path) => `${folder}/${path}`),
);

/** Where a pattern stands in code, comments left out. */
const placesOf = (pattern: RegExp): string[] =>
  SOURCES.filter((path) =>
    pattern.test(readFileSync(join(root, path), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")),
  );

describe("what production refuses and a local run allows", () => {
  it("is looked for in the whole code", () => {
    expect(SOURCES.length).toBeGreaterThan(150);
    expect(placesOf(/createContext/)).toContain("packages/kit/src/context.ts");
  });

  it("PBKDF2 of more than 100,000 iterations: no PBKDF2 at all, passwords are hashed by scrypt", () => {
    expect(placesOf(/pbkdf2/i)).toEqual([]);
  });

  it("measuring computation: the clock stands still between I/O, so only waiting is measured, in one place", () => {
    expect(placesOf(/performance\s*\.\s*now|Date\s*\.\s*now|hrtime|console\s*\.\s*time\b/)).toEqual([
      "packages/db/src/stopwatch.ts",
    ]);
  });

  it("time of its own: verbs take it from the context", () => {
    expect(placesOf(/new Date\(\s*\)/)).toEqual(["packages/kit/src/clock.ts", "packages/kit/src/context.ts"]);
  });
});

describe("what goes out of a Worker", () => {
  it("goes by `fetchOut`, which keeps a span of it; but what spans are told of, and the database", () => {
    const places = placesOf(/(?<![.\w]|override |async )fetch\(/);
    expect(places.filter((path) => !path.startsWith("packages/client/"))).toEqual([
      "packages/db/src/client.ts",
      "packages/kit/src/fetch-out.ts",
      "packages/kit/src/spans.ts",
    ]);
  });

  it("to a Durable Object is watched, also from another object, but for what counts requests", () => {
    const unwatched = placesOf(/(?<!watchObject\([^;]{0,200})\.getByName\(/);
    expect(unwatched).toEqual([
      "workers/gateway/src/admission/allowance.ts",
      "workers/gateway/src/metrics/isolate.ts",
    ]);
  });
});
