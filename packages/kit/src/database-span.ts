import type { RoundTrip } from "@souk/db/client";
import type { Work } from "./otlp-span.ts";

/** What a statement does; one that begins with `WITH` by what it changes first, a lock or an upsert being no change of its own. */
const CHANGES = /(?<!\b(?:FOR|DO|KEY)\s+)\b(?:INSERT|UPDATE|DELETE|MERGE)\b/i;
const FIRST_WORD = /^[\s(]*([a-z]+)/i;

function kindOf(statement: string): string {
  const first = FIRST_WORD.exec(statement)?.[1]?.toUpperCase() ?? "STATEMENT";
  return first === "WITH" ? (CHANGES.exec(statement)?.[0].toUpperCase() ?? "SELECT") : first;
}

/** A round trip to the database as work of its own, named for the kind of its statements; their values it never sees. */
export function databaseWork({ statements, rows, ms }: RoundTrip): Work {
  const kinds = [...new Set(statements.map(kindOf))];
  const name = statements.length === 1 ? kinds.join() : ["BATCH", ...kinds].join(" ");
  return {
    name,
    kind: "client",
    ms,
    failed: rows === null,
    attributes: {
      "db.system.name": "postgresql",
      "db.operation.name": name,
      "db.operation.batch.size": statements.length,
      ...(rows !== null && { "db.response.returned_rows": rows }),
    },
  };
}
