import { runInDurableObject } from "cloudflare:test";
import { objectOf } from "./person.ts";

/** All that a conversation's object keeps, every row of every table, as one text. */
export const wholeOf = (id: string): Promise<string> =>
  runInDurableObject(objectOf(id), (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
      )
      .toArray();
    return JSON.stringify(
      tables.map(({ name }) => [name, storage.sql.exec(`SELECT * FROM "${name}"`).toArray()]),
    );
  });
