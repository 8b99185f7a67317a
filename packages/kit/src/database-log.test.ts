import { sql } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { freshDatabase } from "../../../test/fresh-database.ts";
import { createContext } from "./context.ts";
import type { LogLevel } from "./log.ts";

let url: string;
beforeAll(async () => {
  url = await freshDatabase(false);
});
afterEach(() => vi.restoreAllMocks());

/** A context over a real database, and the lines that it has logged. */
function logged(level: LogLevel, slowMs: number) {
  const lines: string[] = [];
  for (const method of ["debug", "info", "warn", "error"] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line));
  const env = {
    VERSION: "1",
    LOG_LEVEL: level,
    DATABASE_URL: url,
    NEON_ENDPOINT: inject("neon"),
    SLOW_QUERY_MS: slowMs,
  };
  const context = createContext(env, { service: "test", waitUntil: () => {} });
  return { context, lines: () => lines.map((line) => JSON.parse(line) as unknown) };
}

describe("the log of the database", () => {
  it("tells each round trip's statement, time and rows at level debug, and never a parameter", async () => {
    const { context, lines } = logged("debug", 60_000);
    await context.db.execute(sql`SELECT ${"a-very-secret-value"}::text
      FROM generate_series(1, 3)`);
    expect(lines()).toEqual([
      expect.objectContaining({
        level: "debug",
        message: "query",
        service: "test",
        traceId: context.trace.traceId,
        rows: 3,
        ms: expect.any(Number),
        statements: ["SELECT $1::text FROM generate_series(1, 3)"],
      }),
    ]);
    expect(JSON.stringify(lines())).not.toContain("a-very-secret-value");
  });

  it("tells a batch as one round trip, and a refused one too", async () => {
    const { context, lines } = logged("debug", 60_000);
    const { db } = context;
    await db.batch([db.execute(sql`SELECT 1`), db.execute(sql`SELECT 2`)]);
    await expect(db.execute(sql`SELECT 1 / 0`)).rejects.toThrow();
    expect(lines()).toMatchObject([
      { statements: ["SELECT 1", "SELECT 2"], rows: 2 },
      { statements: ["SELECT 1 / 0"], rows: null },
    ]);
    expect(context.databaseUse.roundTrips).toBe(2);
  });

  it("warns of slow ones, and is silent of the others above debug", async () => {
    const { context, lines } = logged("info", 100);
    await context.db.execute(sql`SELECT 1`);
    await context.db.execute(sql`SELECT pg_sleep(${0.15}::float8)`);
    expect(lines()).toEqual([
      expect.objectContaining({
        level: "warn",
        message: "slow query",
        statements: ["SELECT pg_sleep($1::float8)"],
      }),
    ]);
    expect(context.databaseUse.ms).toBeGreaterThanOrEqual(150);
  });
});
