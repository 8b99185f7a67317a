import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asOwner } from "@souk/db/operate/owner";
import { appliedMigrations } from "@souk/db/operate/tables";
import { z } from "zod";
import { type Finding, ill, well } from "./finding.ts";
import { judgeClock } from "./judge.ts";

const MIGRATIONS = join(import.meta.dirname, "../../packages/db/migrations");

/** The hashes of this checkout's migrations, in order: drizzle takes the SHA-256 of the file. */
const ourMigrations = (): string[] =>
  readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .map((name) =>
      createHash("sha256")
        .update(readFileSync(join(MIGRATIONS, name)))
        .digest("hex"),
    );

/** Whether the database has this checkout's schema, and the right time. @param url connection string of its owner */
export async function examineDatabase(url: string): Promise<Finding[]> {
  try {
    const { applied, away } = await asOwner(url, async (client) => {
      const before = Date.now();
      const { rows } = await client.query("SELECT clock_timestamp() AS now");
      const [row] = z.tuple([z.object({ now: z.date() })]).parse(rows);
      const away = row.now.getTime() - (before + Date.now()) / 2;
      return { applied: new Set(await appliedMigrations(client)), away };
    });
    const missing = ourMigrations().filter((hash) => !applied.has(hash));
    return [
      missing.length > 0
        ? ill("migrations", `${missing.length} of this version are not applied. Run npm run db:migrate.`)
        : well("migrations", "all of this version are applied"),
      judgeClock("database's clock", away),
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [ill("database", `OWNER_DATABASE_URL does not lead to it: ${reason}`)];
  }
}
