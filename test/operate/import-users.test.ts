import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asOwner } from "@souk/db/operate/owner";
import { expect, inject, it } from "vitest";
import { freshDatabase } from "../fresh-database.ts";
import { runCommand } from "./run-command.ts";

/** bcrypt of cost 4, of no password that matters. */
const HASH = "$2b$04$abcdefghijklmnopqrstuuR6jjyPHlqLm0rBLDPcTgY7jX1FZaLKG";
const ACCOUNTS = 1_200;

it("imports a file, tells what it refused and why, and can be run again (S1-DB-07)", async () => {
  const database = await freshDatabase();
  const file = join(inject("scratch"), `${crypto.randomUUID()}.csv`);
  const good = Array.from(
    { length: ACCOUNTS },
    (_, n) => `User${n}@Old.example,${HASH},Ada,"Love, lace",2020-01-01T00:00:00Z,yes`,
  );
  const bad = [
    `cheap@old.example,plain,Ada,Lovelace,,`,
    `quote@old.example,${HASH},Ada,Love"lace,,`,
    `short@old.example,${HASH},Ada`,
    `open@old.example,${HASH},"Ada,Lovelace,,yes`,
    `early@old.example,${HASH},Ada,Lovelace,0000-01-01T00:00:00Z,yes`,
  ];
  const lines = ["email,password_hash,first_name,last_name,created_at,verified", ...bad, ...good];
  writeFileSync(file, `\uFEFF${lines.join("\r\n")}\r\n`);
  const run = () =>
    runCommand("workers/auth/cli/import-users.ts", [file], {
      OWNER_DATABASE_URL: database,
      NEON_ENDPOINT: inject("neon"),
    });

  const first = await run();
  expect(first.output.trimEnd().split("\n").at(-1)).toBe(
    "1,205 lines: 1,200 imported, 0 there already, 5 rejected",
  );
  expect(first.output.trimEnd().split("\n")).toHaveLength(3);
  expect(first.code).toBe(1);
  const why = readFileSync(`${file}.rejected`, "utf8");
  expect(why).toContain("line 2: passwordHash is no bcrypt hash");
  expect(why.trimEnd().split("\n")).toHaveLength(5);
  expect(why).toContain("line 5: CSV_QUOTE_NOT_CLOSED");
  expect(why).not.toContain("plain");

  const again = await run();
  expect(again.output.trimEnd().split("\n").at(-1)).toBe(
    "1,205 lines: 0 imported, 1,200 there already, 5 rejected",
  );
  const { rows } = await asOwner(database, (client) =>
    client.query(`SELECT count(*)::int AS accounts, (SELECT count(*)::int FROM events.log WHERE type = 'user.imported') AS events
      FROM auth.users WHERE email LIKE 'user%@old.example' AND last_name = 'Love, lace' AND status = 'active'`),
  );
  expect(rows).toEqual([{ accounts: ACCOUNTS, events: ACCOUNTS }]);
});

it("refuses a file whose first line names no columns, and one that is not there", async () => {
  const file = join(inject("scratch"), `${crypto.randomUUID()}.csv`);
  writeFileSync(file, "a,b\n1,2\n");
  const empty = `${file}.empty`;
  writeFileSync(empty, "");
  const environment = { OWNER_DATABASE_URL: await freshDatabase(), NEON_ENDPOINT: inject("neon") };
  for (const [path, message] of [
    [empty, "must name the columns"],
    [file, "must name the columns email, password_hash, first_name, last_name"],
    [`${file}.gone`, "no such file"],
  ] as const) {
    const { code, errors } = await runCommand("workers/auth/cli/import-users.ts", [path], environment);
    expect(code).toBe(1);
    expect(errors).toContain(message);
  }
});
