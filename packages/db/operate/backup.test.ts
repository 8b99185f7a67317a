import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase } from "../../../test/fresh-database.ts";
import { backup } from "./backup.ts";
import { asOwner } from "./owner.ts";
import { restore } from "./restore.ts";
import { tablesInOrder } from "./tables.ts";

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "souk-backup-"));
});
afterAll(() => rm(scratch, { recursive: true }));

/** A database with awkward values: every control character, quotes, non-ASCII text, JSON, nulls. */
async function filledDatabase(): Promise<string> {
  const url = await freshDatabase();
  await asOwner(url, async (client) => {
    for (const text of ["plain", "tab\tnew\nline\rback\\slash", "Ünïcødé 金 🪙", '"quoted" \\N', ""]) {
      await client.query(
        `INSERT INTO events.log (id, type, version, source, aggregate_id, data, occurred_at, sent_at)
         SELECT gen_random_uuid(), $1, n, 'test', 'x', jsonb_build_object('text', $1::text, 'n', n), now(), CASE WHEN n % 2 = 0 THEN now() END
         FROM generate_series(1, 500) n`,
        [text],
      );
    }
    // A table and one that points to it: they must be filled in order.
    await client.query(
      `WITH person AS (INSERT INTO auth.users (id, email, password_hash, first_name, last_name)
         VALUES (gen_random_uuid(), gen_random_uuid() || '@example.com', '$scrypt$test', 'Ada', 'Lovelace') RETURNING id)
       INSERT INTO auth.sessions (id, user_id, refreshed_at, expires_at)
       SELECT gen_random_uuid(), id, now(), now() + interval '1 day' FROM person`,
    );
  });
  return url;
}

/** Every table's rows as one digest. */
const contents = (url: string) =>
  asOwner(url, async (client) => {
    const digests: Record<string, unknown> = {};
    for (const { schema, name } of await tablesInOrder(client)) {
      const { rows } = await client.query(
        `SELECT count(*)::int AS rows, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest FROM "${schema}"."${name}" t`,
      );
      digests[`${schema}.${name}`] = rows[0];
    }
    return digests;
  });

describe("backup and restore", () => {
  it("drill: a new database holds exactly what the old one held", async () => {
    const original = await filledDatabase();
    const before = await contents(original);
    const manifest = await backup(original, join(scratch, "drill"));
    expect(manifest.tables.find(({ name }) => name === "log")?.rows).toBe(2_500);
    const copy = await freshDatabase(false);
    await restore(copy, join(scratch, "drill"));
    expect(await contents(copy)).toEqual(before);
  });

  it("refuses a database that holds something, and leaves it as it was", async () => {
    await backup(await filledDatabase(), join(scratch, "occupied"));
    const occupied = await filledDatabase();
    const before = await contents(occupied);
    await expect(restore(occupied, join(scratch, "occupied"))).rejects.toThrow("is not empty");
    expect(await contents(occupied)).toEqual(before);
  });

  it("refuses a changed file, and restores nothing of it", async () => {
    const folder = join(scratch, "changed");
    const manifest = await backup(await filledDatabase(), folder);
    const changed = {
      ...manifest,
      tables: manifest.tables.map((table) => ({ ...table, sha256: "0".repeat(64) })),
    };
    await writeFile(join(folder, "manifest.json"), JSON.stringify(changed));
    const target = await freshDatabase();
    await expect(restore(target, folder)).rejects.toThrow("is not what was backed up");
    expect(await contents(target)).toEqual(await contents(await freshDatabase()));
  });

  it("refuses a backup of another schema, and a folder that exists", async () => {
    const folder = join(scratch, "other");
    const source = await freshDatabase();
    await backup(source, folder);
    await expect(backup(source, folder)).rejects.toThrow("EEXIST");
    const manifest: unknown = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
    await writeFile(
      join(folder, "manifest.json"),
      JSON.stringify(Object.assign({}, manifest, { migrations: ["other"] })),
    );
    await expect(restore(await freshDatabase(), folder)).rejects.toThrow("other migrations");
  });
});
