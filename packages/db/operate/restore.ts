import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { Manifest } from "./backup.ts";
import { migrate } from "./migrate.ts";
import { asOwner } from "./owner.ts";
import { appliedMigrations } from "./tables.ts";

async function fill(client: pg.Client, folder: string, table: Manifest["tables"][number]): Promise<void> {
  const target = `${client.escapeIdentifier(table.schema)}.${client.escapeIdentifier(table.name)}`;
  const occupied = await client.query(`SELECT 1 FROM ${target} LIMIT 1`);
  if (occupied.rowCount !== 0) throw new Error(`${target} is not empty: restore into a new database.`);
  const hash = createHash("sha256");
  const hashed = new PassThrough().on("data", (chunk: Buffer) => hash.update(chunk));
  const copy = client.query(copyFrom(`COPY ${target} FROM STDIN`));
  await pipeline(createReadStream(join(folder, table.file)), createGunzip(), hashed, copy);
  if (hash.digest("hex") !== table.sha256) throw new Error(`${table.file} is not what was backed up.`);
  if (copy.rowCount !== table.rows)
    throw new Error(`${table.file} gave ${copy.rowCount} rows instead of ${table.rows}.`);
}

/**
 * Fills a new, empty database from a backup, in one transaction: all of it or nothing.
 * The schema comes from the migrations; the backup must stand on the same ones.
 * @param url connection string of the owner of an existing database without our tables, or with them empty
 * @throws Error when a table is not empty, a file was changed, or the migrations differ
 */
export async function restore(url: string, folder: string): Promise<Manifest> {
  const manifest = Manifest.parse(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")));
  await migrate(url);
  return asOwner(url, async (client) => {
    const here = await appliedMigrations(client);
    if (JSON.stringify(here) !== JSON.stringify(manifest.migrations)) {
      throw new Error(
        "The backup stands on other migrations: check out the version that made it, restore, then migrate.",
      );
    }
    await client.query("BEGIN");
    for (const table of manifest.tables) await fill(client, folder, table);
    await client.query("COMMIT");
    return manifest;
  });
}
