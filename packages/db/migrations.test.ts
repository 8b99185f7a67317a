import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const folder = join(import.meta.dirname, "migrations");
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), "utf8"));
const Journal = z.object({ entries: z.array(z.object({ idx: z.int(), when: z.int(), tag: z.string() })) });
const { entries } = Journal.parse(readJson("meta/_journal.json"));

describe("migrations", () => {
  it("are exactly the journal's, in an order that the migrator keeps", () => {
    // The migrator passes over an entry older than the last one applied, so time must grow with the index.
    expect(entries.map(({ idx }) => idx)).toEqual(entries.map((_, index) => index));
    const times = entries.map(({ when }) => when);
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
    const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
    expect(files.toSorted()).toEqual(entries.map(({ tag }) => `${tag}.sql`));
  });

  it("make exactly what the schema files declare", async () => {
    const schemaFolder = join(import.meta.dirname, "src/schema");
    const declarations: Record<string, unknown> = {};
    for (const name of readdirSync(schemaFolder)) {
      const module: Record<string, unknown> = await import(join(schemaFolder, name));
      for (const [key, value] of Object.entries(module)) declarations[`${name}:${key}`] = value;
    }
    const last = entries.at(-1);
    const snapshot = readJson(`meta/${String(last?.idx).padStart(4, "0")}_snapshot.json`) as ReturnType<
      typeof generateDrizzleJson
    >;
    const declared = generateDrizzleJson(declarations, snapshot.id);
    expect(await generateMigration(snapshot, declared)).toEqual([]);
  });

  it("hold no password", () => {
    for (const { tag } of entries)
      expect(readFileSync(join(folder, `${tag}.sql`), "utf8")).not.toMatch(/PASSWORD\s+'/i);
  });
});
