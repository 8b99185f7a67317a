import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { to as copyTo } from "pg-copy-streams";
import { z } from "zod";
import { asOwner } from "./owner.ts";
import { appliedMigrations, tablesInOrder } from "./tables.ts";

/** What a backup folder's manifest.json says: the migrations it stands on and each table's file, rows and SHA-256 of its COPY text. */
export const Manifest = z.object({
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  migrations: z.array(z.string()),
  tables: z.array(
    z.object({ schema: z.string(), name: z.string(), file: z.string(), rows: z.int(), sha256: z.string() }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

/**
 * Writes every service's tables, as of one moment, to a new folder: one gzipped COPY file a table, and a manifest.
 * @param url connection string of the database's owner
 * @param folder must not exist yet
 * @throws Error when the folder exists or the database does not answer
 */
export async function backup(url: string, folder: string): Promise<Manifest> {
  await mkdir(folder, { mode: 0o700 });
  return asOwner(url, async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const manifest: Manifest = {
      version: 1,
      createdAt: new Date().toISOString(),
      migrations: await appliedMigrations(client),
      tables: [],
    };
    for (const { schema, name } of await tablesInOrder(client)) {
      const file = `${schema}.${name}.copy.gz`;
      const copy = client.query(
        copyTo(`COPY ${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)} TO STDOUT`),
      );
      const hash = createHash("sha256");
      const hashed = new PassThrough().on("data", (chunk: Buffer) => hash.update(chunk));
      await pipeline(copy, hashed, createGzip(), createWriteStream(join(folder, file), { mode: 0o600 }));
      manifest.tables.push({ schema, name, file, rows: copy.rowCount, sha256: hash.digest("hex") });
    }
    await client.query("COMMIT");
    // Written last: a folder without a manifest is no backup.
    await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    return manifest;
  });
}
