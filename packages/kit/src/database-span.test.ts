import { describe, expect, it } from "vitest";
import { databaseWork } from "./database-span.ts";

const nameOf = (...statements: string[]) => databaseWork({ statements, rows: 1, ms: 2 }).name;

describe("a round trip's name", () => {
  it.each([
    ["select $1::text", "SELECT"],
    ["\n  INSERT INTO alerts.alerts VALUES ($1)", "INSERT"],
    ["(SELECT 1) UNION (SELECT 2)", "SELECT"],
    ["WITH a AS (SELECT 1) SELECT updated_at FROM a", "SELECT"],
    [
      "WITH a AS (SELECT 1 FOR UPDATE SKIP LOCKED), b AS (DELETE FROM t RETURNING id) SELECT * FROM b",
      "DELETE",
    ],
    ["WITH a AS (SELECT 1 FOR NO KEY UPDATE) SELECT * FROM a", "SELECT"],
    [
      "WITH changed AS (UPDATE t SET a = $1 RETURNING a) INSERT INTO events.log SELECT a FROM changed",
      "UPDATE",
    ],
    ["WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a ON CONFLICT (id) DO UPDATE SET a = 1", "INSERT"],
    ["", "STATEMENT"],
  ])("is what the statement does: %s", (statement, name) => {
    expect(nameOf(statement)).toBe(name);
  });

  it("tells a batch as one", () => {
    expect(nameOf("SELECT 1", "UPDATE t SET a = 1", "SELECT 2")).toBe("BATCH SELECT UPDATE");
  });
});

it("counts the rows, and tells a refused one as failed", () => {
  expect(databaseWork({ statements: ["SELECT 1"], rows: 3, ms: 2 })).toMatchObject({
    kind: "client",
    ms: 2,
    failed: false,
    attributes: { "db.response.returned_rows": 3, "db.operation.batch.size": 1 },
  });
  expect(databaseWork({ statements: ["SELECT 1"], rows: null, ms: 2 }).failed).toBe(true);
});
